//! Loops only a part of which is serial, with the option `parallel`: results, what was stored, and panics are those of the loop as it is written.

use hotloop::jit;

#[jit(parallel(min_len = 10))]
fn filter(x: &[f64], y: &mut [f64], z: &mut [f64], mut s: f64) -> f64 {
    for i in 0..x.len() {
        y[i] = (x[i] * x[i] + 1.0).sqrt() / 3.0;
        s = 0.5 * s + y[i];
        z[i] = s;
    }
    s
}

/// What both parts use is computed twice; what is serial comes first.
#[jit(parallel(min_len = 10))]
fn behind(x: &[f64], y: &mut [f64], z: &mut [f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        let v = x[i] * 0.25;
        s = s * 0.75 + v;
        y[i] = s;
        z[i] = (v / (y[i] + 2.0)).sqrt() + v / 7.0;
    }
    s
}

/// The serial part needs a neighbour that the other has not stored yet when the text says so.
#[jit(parallel(min_len = 10))]
fn neighbours(x: &[f64], y: &mut [f64], z: &mut [f64]) -> f64 {
    let mut s = 1.0;
    for i in 0..x.len() {
        y[i] = (x[i] * x[i] + 1.0).sqrt() / 3.0;
        s = s * 0.75 + y[i + 1];
        z[i] = s;
    }
    s
}

#[test]
fn lengths_and_panics() {
    for len in [0, 1, 9, 10, 11, 64, 300] {
        let x: Vec<f64> = (0..len).map(|i| (i % 17) as f64 - 3.0).collect();
        for (first, second) in [
            (len, len),
            (len + 5, len + 1),
            (len / 2, len),
            (len, len / 2),
        ] {
            let (y, z) = (vec![0.5; first], vec![-1.0; second]);
            agree!(filter(&x, &mut y, &mut z, 1.5));
            agree!(behind(&x, &mut y, &mut z));
            agree!(neighbours(&x, &mut y, &mut z));
        }
    }
}

#[test]
fn the_report_says_so() {
    filter(&[1.0], &mut [0.0], &mut [0.0], 1.0);
    let text = filter::report().to_string();
    assert!(text.contains("became 2 loops"), "{text}");
    behind(&[1.0], &mut [0.0], &mut [0.0]);
    let text = behind::report().to_string();
    assert!(text.contains("became 2 loops"), "{text}");
    neighbours(&[1.0], &mut [0.0, 1.0], &mut [0.0]);
    let text = neighbours::report().to_string();
    assert!(!text.contains("became 2 loops"), "{text}");
}
