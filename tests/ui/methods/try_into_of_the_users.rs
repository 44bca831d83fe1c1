//@ code: Mismatch
use hotloop::{JitType, jit};

#[derive(Clone, Copy, JitType)]
#[repr(u8)]
enum Op {
    Add,
    Mul,
}

impl TryFrom<u8> for Op {
    type Error = ();

    fn try_from(x: u8) -> Result<Op, ()> {
        match x {
            0 => Ok(Op::Add),
            1 => Ok(Op::Mul),
            _ => Err(()),
        }
    }
}

#[jit]
fn is_op(x: u8) -> bool {
    let op: Result<Op, ()> = x.try_into();
    op.is_ok()
}

fn main() {}
