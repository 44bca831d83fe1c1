//! A jitted function in a library that another program loads: `libplugin.so` with a C interface. `tests/lang/plugin.rs` is
//! such a program.

use hotloop::jit;

#[jit]
fn weighted_sum(values: &[f64], weights: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..values.len() {
        sum += values[i] * weights[i];
    }
    sum
}

/// The weighted sum of the first `n_values` integers, with the weights 0.5.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_sum(n_values: u32) -> f64 {
    let values: Vec<f64> = (0..n_values).map(f64::from).collect();
    weighted_sum(&values, &vec![0.5; values.len()])
}

/// How many specializations of `weighted_sum` have been compiled.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_compiled() -> usize {
    weighted_sum::specializations().len()
}
