//@ code: Method
use hotloop::jit;
use num_traits::Num;

#[jit]
fn root<T: Num>(x: T) -> T {
    x.sqrt()
}

fn main() {}
