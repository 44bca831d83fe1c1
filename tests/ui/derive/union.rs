use hotloop::JitType;

#[derive(Clone, Copy, JitType)]
union Bits {
    float: f32,
    integer: u32,
}

fn main() {}
