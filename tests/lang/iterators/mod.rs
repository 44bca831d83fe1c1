//! Iterators: sources, adaptors and consumers, on inputs that are empty, short and long.

mod adaptors;
mod compared;
mod consumers;
mod generics;
mod loops;
mod made;
mod named;
mod panics;
mod sources;
mod stateful;
mod tried;

/// Inputs of several lengths, of small numbers in no order, some of which are equal.
fn ints() -> Vec<Vec<i32>> {
    [0usize, 1, 2, 3, 5, 8, 17, 64]
        .iter()
        .map(|&len| (0..len).map(|i| (i * 37 % 23) as i32 - 9).collect())
        .collect()
}

/// The same, of floats with fractions.
fn floats() -> Vec<Vec<f64>> {
    let float = |x: &i32| f64::from(*x) * 0.37 + 0.1;
    ints()
        .iter()
        .map(|a| a.iter().map(float).collect())
        .collect()
}
