use hotloop::jit;

// One build shows all of them.
#[jit]
fn smooth(a: Vec<f64>, width: usize) -> f64 {
    let weights = [0.25, 0.5, 0.25];
    let mut s = 0.0;
    for i in 0..a.len() {
        let _text = format!("{i}");
        s += weights[width] * std::hint::black_box(a[i]);
    }
    s
}

fn main() {
    smooth(vec![1.0], 1);
}
