//! What `#[jit]` compiles, feature by feature, through the facade. One binary: each links the runtime.
