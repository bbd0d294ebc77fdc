# Python with threads, processes with shared memory and semaphores, ssl and subprocesses.
task "python" {
  driver = "exec"

  config {
    command = "/usr/bin/python3"
    args = ["-c", <<-EOT
      import multiprocessing, ssl, subprocess, threading, socket, tempfile, os
      from multiprocessing import shared_memory
      def square(n): return n * n
      if __name__ == "__main__":
          seen = []
          threads = [threading.Thread(target=seen.append, args=(n,)) for n in range(8)]
          [t.start() for t in threads]; [t.join() for t in threads]
          print("threads", len(seen))
          with multiprocessing.get_context("fork").Pool(3) as pool:
              print("processes", sum(pool.map(square, range(10))))
          memory = shared_memory.SharedMemory(create=True, size=4096); memory.buf[0] = 7
          print("memory", memory.buf[0]); memory.close(); memory.unlink()
          print("ssl", ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED)
          print("child", subprocess.check_output(["echo", "yes"]).decode().strip())
          server = socket.create_server(("127.0.0.1", 0))
          client = socket.create_connection(server.getsockname())
          client.sendall(b"x"); print("socket", server.accept()[0].recv(1) == b"x")
          with tempfile.NamedTemporaryFile() as file: print("temporary", os.path.exists(file.name))
    EOT
    ]
  }
}

## out threads 8
## out processes 285
## out memory 7
## out ssl True
## out child yes
## out socket True
## out temporary True
