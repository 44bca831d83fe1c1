use hotloop::jit;

trait Double {
    #[jit]
    fn double(x: f64) -> f64;
}

fn main() {}
