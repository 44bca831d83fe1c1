use hotloop::jit;

/// Towards negative infinity.
#[jit]
pub fn floor(x: f64) -> f64 {
    let whole = x.trunc();
    if whole > x { whole - 1.0 } else { whole }
}

#[jit]
fn inside(x: f64) -> f64 {
    floor(x) + 1.0
}

#[test]
fn the_companion_is_there_inside() {
    agree!(inside(-1.5));
    assert_eq!(floor::plain(-1.5), -2.0);
    fn show<F: hotloop::JitFunction>() -> &'static str {
        F::name()
    }
    assert_eq!(show::<floor>(), "floor");
}

mod deeper {
    use super::floor;

    #[hotloop::jit]
    fn twice(x: f64) -> f64 {
        floor(x) * 2.0
    }

    #[test]
    fn modules_inside_see_the_companion() {
        agree!(twice(-1.5));
        assert!(floor::compile().is_ok());
    }
}
