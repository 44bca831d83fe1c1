//@ code: Method
use hotloop::{JitType, jit};

#[derive(JitType, Clone, Copy)]
struct Table {
    keys: [f64; 8],
    order: [usize; 8],
}

#[jit]
fn arrange(table: &mut Table) {
    table.order.sort_by(|a, b| table.keys[*a].total_cmp(&table.keys[*b]));
}

fn main() {}
