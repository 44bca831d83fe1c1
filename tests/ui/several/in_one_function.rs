use hotloop::jit;

// One build shows all of them.
#[jit]
fn smooth(a: Vec<f64>, width: usize) -> f64 {
    let weights = [0.25, 0.5, 0.25];
    let mut s = 0.0;
    for i in 0..a.len() {
        println!("{i}");
        s += WEIGHT * weights[width] * kernel(a[i]);
    }
    s
}

const WEIGHT: f64 = 1.0;

fn kernel(x: f64) -> f64 {
    x
}

fn main() {
    smooth(vec![1.0], 1);
}
