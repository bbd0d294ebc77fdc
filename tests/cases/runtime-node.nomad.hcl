# Node with worker threads and a server that answers itself.
task "node" {
  driver = "exec"

  config {
    command = "/usr/bin/node"
    args = ["-e", <<-EOT
      const { Worker } = require("worker_threads");
      const http = require("http");
      const worker = new Worker("require('worker_threads').parentPort.postMessage(6 * 7)", { eval: true });
      worker.on("message", (n) => {
        console.log("worker", n);
        const server = http.createServer((_, answer) => answer.end("hello")).listen(0, "127.0.0.1", () => {
          http.get({ port: server.address().port, host: "127.0.0.1" }, (answer) => {
            answer.on("data", (data) => console.log("server", data.toString()));
            answer.on("end", () => server.close());
          });
        });
      });
    EOT
    ]
  }
}

## out worker 42
## out server hello
