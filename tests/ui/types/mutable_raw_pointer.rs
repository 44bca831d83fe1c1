//@ code: Type
use hotloop::jit;

#[jit]
unsafe fn set(a: *mut f64, n: usize) {
    for i in 0..n {
        unsafe { *a.add(i) = 0.0 };
    }
}

fn main() {}
