//! Methods of the user's traits that rustc finds before std's of their names.

use hotloop::jit;

trait Vector {
    fn len(&self) -> usize;
    fn abs(&self) -> f64;
}

impl Vector for [f64; 3] {
    fn len(&self) -> usize {
        1
    }

    fn abs(&self) -> f64 {
        2.0
    }
}

impl Vector for f64 {
    fn len(&self) -> usize {
        1
    }

    fn abs(&self) -> f64 {
        2.0
    }
}

trait Taken {
    fn is_some(self) -> bool;
}

impl Taken for Option<f64> {
    fn is_some(self) -> bool {
        false
    }
}

#[jit]
fn of_array(v: [f64; 3]) -> usize {
    v.len()
}

#[jit]
fn of_numbers(v: &[f64]) -> f64 {
    v.iter().map(|x| x.abs()).sum()
}

#[jit]
fn of_option(x: Option<f64>) -> bool {
    x.is_some()
}

fn main() {}
