/** Loaded before the program: at SIGUSR1 its main thread is held up for good, as by a disk that does not answer. */
Deno.addSignalListener("SIGUSR1", () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
