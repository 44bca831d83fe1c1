use hotloop::JitType;

#[derive(Clone, Copy, JitType)]
#[repr(C, packed)]
struct Sample {
    time: u8,
    value: f64,
}

fn main() {}
