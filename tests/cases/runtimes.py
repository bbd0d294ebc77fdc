#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runtimes in each form that nook's sandbox builds: threads, processes, timers, servers on loopback, TLS,
compilers at run time. Each prints what it has worked out, and nothing else."""

import re
import sys

sys.dont_write_bytecode = True
import kit  # noqa: E402
import world  # noqa: E402

FORMS = {
    "service by the sandbox": ["--sandbox", "nook"],
    "service by the sandbox, private pids": ["--sandbox", "nook", "--pid-mode", "private"],
    "scope": ["--scope"],
    "direct": ["--direct"],
}

SHELL = """set -e
echo "$(seq 1000 | while read n; do echo $((n * n)); done | tail -n 1)"
sleep 100 & pid=$!; kill $pid; wait $pid 2>/dev/null || echo "child $?"
cat <<END >/tmp/file
$(date +%Y | grep -c .)
END
cat /tmp/file; mkfifo /tmp/fifo; (echo through >/tmp/fifo) & cat /tmp/fifo
"""
SHELL_SAYS = "1000000\nchild 143\n1\nthrough\n"

PYTHON = r"""
import asyncio, ctypes, multiprocessing, os, socket, sqlite3, ssl, subprocess, tempfile, threading, time

def square(n):
    return n * n

def threads():
    total, lock = [0], threading.Lock()
    def work():
        for _ in range(1000):
            with lock:
                total[0] += 1
    pool = [threading.Thread(target=work) for _ in range(8)]
    [t.start() for t in pool]; [t.join() for t in pool]
    return total[0]

def tls():
    # A handshake in memory, with a key made on the spot.
    with tempfile.TemporaryDirectory() as folder:
        key, cert = folder + "/key", folder + "/cert"
        subprocess.run(["/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
                        "/CN=here", "-addext", "subjectAltName=DNS:here", "-keyout", key, "-out", cert],
                       check=True, stderr=subprocess.DEVNULL)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(cert, key)
        client = ssl.create_default_context(cafile=cert)
        a, b = socket.socketpair()
        def serve():
            with server.wrap_socket(a, server_side=True) as s:
                s.sendall(s.recv(100).upper())
        thread = threading.Thread(target=serve)
        thread.start()
        with client.wrap_socket(b, server_hostname="here") as s:
            s.sendall(b"secret")
            answer = s.recv(100).decode()
        thread.join()
        return answer

async def loopback():
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"line\n")
    answer = await reader.readline()
    server.close()
    return answer.decode().strip()

if __name__ == "__main__":
    print(threads())
    with multiprocessing.get_context("fork").Pool(4) as pool:
        print(sum(pool.map(square, range(100))))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(sum(pool.map(square, range(10))))
    print(tls())
    print(asyncio.run(loopback()))
    base = sqlite3.connect("/local/base")
    base.execute("create table t (n)"); base.executemany("insert into t values (?)", [(n,) for n in range(10)])
    print(base.execute("select sum(n) from t").fetchone()[0])
    semaphore = multiprocessing.Semaphore(1)
    shared = multiprocessing.shared_memory if hasattr(multiprocessing, "shared_memory") else None
    from multiprocessing import shared_memory
    block = shared_memory.SharedMemory(create=True, size=4096)
    block.buf[0] = 7
    print(block.buf[0]); block.close(); block.unlink()
    print(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n + 1)(41))
"""
PYTHON_SAYS = "8000\n328350\n285\nSECRET\nLINE\n45\n7\n42\n"

NODE = r"""
const {Worker} = require('worker_threads'), http = require('http'), crypto = require('crypto'), fs = require('fs');
const {execFileSync, fork} = require('child_process');
const worker = () => new Promise((yes, no) => {
  const w = new Worker("const {parentPort} = require('worker_threads'); let s = 0; for (let i = 0; i < 1e6; i++) s += i; parentPort.postMessage(s)", {eval: true});
  w.on('message', yes); w.on('error', no);
});
const server = () => new Promise((yes, no) => {
  const s = http.createServer((q, r) => r.end(q.url.toUpperCase())).listen(0, '127.0.0.1', () =>
    http.get({port: s.address().port, host: '127.0.0.1', path: '/path'}, r => {
      let t = ''; r.on('data', d => t += d); r.on('end', () => { s.close(); yes(t); });
    }).on('error', no));
});
(async () => {
  console.log((await Promise.all([worker(), worker(), worker()])).join(' '));
  console.log(await server());
  console.log(crypto.createHash('sha256').update('x').digest('hex').slice(0, 8));
  console.log(execFileSync('/bin/echo', ['child']).toString().trim());
  fs.writeFileSync('/local/f', 'file'); console.log(fs.readFileSync('/local/f', 'utf8'));
  console.log(new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,42,11]))).exports.f());
})().catch(e => { console.error(e); process.exit(1); });
"""
NODE_SAYS = "499999500000 499999500000 499999500000\n/PATH\n2d711642\nchild\nfile\n42\n"

def run(options, *words, **more):
    return kit.nook("-q", "exec", *options, *words, timeout=240, **more)


def says(done, wanted):
    if done.returncode != 0 or done.stdout != wanted:
        yield f"status {done.returncode}, {done.stdout!r}, not {wanted!r}"
        yield from done.stderr.splitlines()[-12:]


def shell(options):
    yield from says(run(options, "--", "/bin/sh", "-c", SHELL), SHELL_SAYS)


def python(options):
    (kit.TOP / "main.py").write_text(PYTHON)
    yield from says(run(options, "--bind-ro", f"{kit.TOP}:/code", "--", "/usr/bin/python3", "/code/main.py"), PYTHON_SAYS)


def node(options):
    yield from says(run(options, "--", "/usr/bin/node", "-e", NODE), NODE_SAYS)


def java(options):
    """Collector and compiler threads at work, files, random numbers; what a JRE has in itself."""
    keytool = ["/usr/bin/java", "-Xmx64m", "-XX:+UseG1GC", "-Xlog:gc*:file=/local/gc", "-m",
               "java.base/sun.security.tools.keytool.Main"]
    store = ["-keystore", "/local/store", "-storepass", "changeit"]
    first = " ".join(keytool + ["-genkeypair", "-keyalg", "RSA", "-keysize", "4096", "-dname", "CN=nook", "-alias", "nook"] + store)
    second = " ".join(keytool + ["-list", *store])
    done = run(options, "--", "/bin/sh", "-c", f"{first} 2>&1 && {second} && grep -c Heap /local/gc")
    if done.returncode != 0 or "PrivateKeyEntry" not in done.stdout:
        yield f"status {done.returncode}: {done.stdout!r} {done.stderr}"


def static(options):
    root = ["--chroot-env", "/usr/libexec/nook-tests/hello-static:/bin/hello"]
    done = run(options, *root, "--", "/bin/hello", "5", "there")
    if done.returncode != 5 or done.stdout != "hello 5\nhello there\n":
        yield f"status {done.returncode}: {done.stdout!r} {done.stderr}"


def busybox(options):
    text = "echo $((6 * 7)); httpd -p 127.0.0.1:8099 -h /local; echo page >/local/index.html; wget -q -O - http://127.0.0.1:8099/"
    root = ["--chroot-env", "/bin/busybox:/bin/busybox"]
    yield from says(run(options, *root, "--", "/bin/busybox", "sh", "-c",
                        text.replace("httpd", "/bin/busybox httpd").replace("wget", "/bin/busybox wget")), "42\npage\n")


TESTS = {"sh": shell, "python3": python, "node": node, "a JVM": java, "a static program": static, "busybox alone": busybox}


def main():
    tap = kit.Tap(sys.argv[1:])
    kit.TOP.chmod(0o755)
    for options in FORMS.values():
        run(options, "--", "/bin/true")
    before = world.snapshot()
    for form, options in FORMS.items():
        for name, test in TESTS.items():
            if tap.wants(f"{form}: {name}"):
                tap.result(f"{form}: {name}", test(options))
    kit.nook("-q", "gc")
    tap.result("nothing is left behind", world.differences(before, patience=15)[:20])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
