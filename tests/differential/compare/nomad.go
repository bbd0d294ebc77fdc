// SPDX-License-Identifier: LGPL-2.1-or-later

//go:build nomad

package main

// The rest of Nomad's functions. Their modules are in no Debian package, so this file is compiled
// only with the build tag "nomad", by a module that requires them:
//
//	go mod init compare && go get github.com/hashicorp/go-cty-funcs github.com/zclconf/go-cty-yaml
//	go build -tags nomad

import (
	"github.com/hashicorp/go-cty-funcs/cidr"
	"github.com/hashicorp/go-cty-funcs/crypto"
	"github.com/hashicorp/go-cty-funcs/encoding"
	"github.com/hashicorp/go-cty-funcs/uuid"
	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty/function"
)

func init() {
	for name, f := range map[string]function.Function{
		"base64decode": encoding.Base64DecodeFunc, "base64encode": encoding.Base64EncodeFunc,
		"cidrhost": cidr.HostFunc, "cidrnetmask": cidr.NetmaskFunc,
		"cidrsubnet": cidr.SubnetFunc, "cidrsubnets": cidr.SubnetsFunc,
		"md5": crypto.Md5Func, "rsadecrypt": crypto.RsaDecryptFunc, "sha1": crypto.Sha1Func,
		"sha256": crypto.Sha256Func, "sha512": crypto.Sha512Func,
		"urlencode": encoding.URLEncodeFunc, "uuidv5": uuid.V5Func,
		"yamldecode": yaml.YAMLDecodeFunc, "yamlencode": yaml.YAMLEncodeFunc,
	} {
		more[name] = f
	}
	context = makeContext()
	moreSignatures = []signature{
		{"base64decode", "s", "base64"}, {"base64encode", "s", "s"}, {"cidrhost", "s", "cidr small"},
		{"cidrnetmask", "s", "cidr"}, {"cidrsubnet", "s", "cidr small small"},
		{"cidrsubnets", "l", "cidr small ..."}, {"md5", "s", "s"}, {"sha1", "s", "s"},
		{"sha256", "s", "s"}, {"sha512", "s", "s"}, {"urlencode", "s", "s"},
		{"uuidv5", "s", "namespace s"}, {"yamldecode", "m", "yaml"}, {"yamldecode", "l", "yaml"},
		{"yamlencode", "s", "any"}, {"yamlencode", "s", "any"},
	}
}
