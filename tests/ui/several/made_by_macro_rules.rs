use hotloop::jit;

// Each function has the problem, `START` does not.
macro_rules! sums {
    ($($name:ident: $ty:ty = $zero:expr;)*) => {$(
        #[jit]
        fn $name(a: &[$ty]) -> $ty {
            let mut s = $zero;
            for x in a.to_vec() {
                s += x;
            }
            s
        }
    )*};
}

sums! {
    sum_f32: f32 = 0.0;
    sum_f64: f64 = START;
}

const START: f64 = 0.0;

fn main() {
    let _ = sum_f32(&[1.0]) as f64 + sum_f64(&[1.0]);
}
