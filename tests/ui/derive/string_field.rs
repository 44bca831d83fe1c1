use hotloop::JitType;

#[derive(Clone, JitType)]
struct Sample {
    name: String,
    value: f64,
}

fn main() {}
