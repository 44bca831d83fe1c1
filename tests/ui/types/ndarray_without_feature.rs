use hotloop::jit;

struct ArrayView2<'a, T>(&'a T);

#[jit]
fn total(a: ArrayView2<'_, f64>) -> f64 {
    *a.0
}

fn main() {}
