use hotloop::jit;

#[jit(fastmaths)]
fn near_miss(a: f64) -> f64 {
    a
}

#[jit(fastmath(reassoc, unsafe(nan)))]
fn unknown_liberty(a: f64) -> f64 {
    a
}

#[jit(fastmath, fastmath)]
fn twice(a: f64) -> f64 {
    a
}

#[jit(parallel, cache)]
fn not_yet(a: f64) -> f64 {
    a
}

// The functions exist all the same, so that only the options are errors.
fn main() {
    let _ = near_miss(1.0) + unknown_liberty(1.0) + twice(1.0) + not_yet(1.0);
}
