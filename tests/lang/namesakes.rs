//! Functions with the names of their modules, which are files and re-export them: the usual layout of a crate of numeric functions.

use hotloop::jit;

mod floor;
mod hypot;
pub mod round;

pub use self::floor::floor;
pub use self::hypot::hypot;
pub(crate) use self::round::round;

#[jit]
fn from_the_parent(x: f64, y: f64) -> f64 {
    floor(x) + hypot::<f64>(x, y) + self::round(y)
}

#[jit]
fn by_the_whole_path(x: f64) -> f64 {
    floor::floor(x) + crate::namesakes::round::round::<f64>(x)
}

/// Without a file a macro cannot see the module; the path is enough for calls.
mod inline {
    pub mod cube {
        #[hotloop::jit]
        pub fn cube(x: f64) -> f64 {
            x * x * x
        }
    }
}

#[jit]
fn of_an_inline_module(x: f64) -> f64 {
    inline::cube::cube(x)
}

#[test]
fn calls_from_everywhere_find_the_function() {
    for x in [2.5, -2.5, 0.0, 1e300] {
        // The companion itself, which `agree!` wants, is not visible here.
        assert_eq!(floor(x), floor::plain(x));
        assert_eq!(hypot(x, 3.0), hypot::plain::<f64>(x, 3.0));
        agree!(from_the_parent(x, 0.75));
        agree!(by_the_whole_path(x));
        agree!(of_an_inline_module(x));
    }
    assert!(from_the_parent::ir().contains("floor"));
}

#[test]
fn the_tools_are_reached_through_the_module() {
    assert_eq!(floor(1.5), floor::plain(1.5));
    assert!(floor::compile().is_ok());
    assert!(round::compile::<f32>().is_ok());
    assert!(floor::ir().contains("floor"));
    assert!(floor::asm().is_ok() && floor::llvm_ir().is_ok());
    assert!(round::specializations().len() >= 1);
}

#[test]
fn a_module_may_have_items_of_the_tools_names() {
    assert_eq!(hypot::asm(), "the module's own");
}

/// Who imports the function alone does not see its companion, and calls it as any other function.
mod importer {
    use super::hypot::hypot;
    use crate::namesakes::floor::floor;

    #[hotloop::jit]
    pub fn imported(x: f64) -> f64 {
        floor(x) + hypot(x, 1.0)
    }
}
use importer::imported;

#[test]
fn importing_the_function_alone_is_enough() {
    for x in [2.5, -2.5, 1e300] {
        agree!(imported(x));
    }
}
