//! An enum of the name is not taken for std's.

use hotloop::{JitType, jit};

#[derive(JitType, Clone, Copy)]
enum Ordering {
    Less,
    Equal,
    Greater,
}

#[jit]
fn compare(a: f64, b: f64) -> Ordering {
    if a < b {
        Ordering::Less
    } else if a > b {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}

#[jit]
fn is_less(order: u8) -> bool {
    let found = match order {
        0 => Ordering::Less,
        _ => Ordering::Equal,
    };
    matches!(found, self::Ordering::Less)
}

fn main() {
    compare(1.0, 2.0);
    is_less(0);
}
