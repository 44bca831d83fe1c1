//! Modules of the user's that have the names of std's.

use hotloop::jit;

mod mem {
    pub fn swap(a: &mut f64, _b: &mut f64) {
        *a += 1.0;
    }
}

mod f64 {
    pub mod consts {
        pub const PI: ::core::primitive::f64 = 3.0;
    }
    pub const MAX: ::core::primitive::f64 = 5.0;
    pub fn sqrt(x: ::core::primitive::f64) -> ::core::primitive::f64 {
        x + 1000.0
    }
}

#[jit]
fn swapped(mut x: f64, mut y: f64) -> f64 {
    mem::swap(&mut x, &mut y);
    x * 10.0 + y
}

#[jit]
fn constant(x: f64) -> f64 {
    x * f64::consts::PI
}

#[jit]
fn greatest(x: f64) -> f64 {
    x.min(f64::MAX)
}

#[jit]
fn root(x: f64) -> f64 {
    f64::sqrt(x)
}

fn main() {}
