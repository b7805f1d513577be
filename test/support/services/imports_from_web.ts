/** Needs code from the web. The address is no literal, or a type check would fetch it. */
await import(["https:", "", "example.invalid", "code.ts"].join("/"));
