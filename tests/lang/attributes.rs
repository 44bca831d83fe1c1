//! The user's other attributes, and functions that macros write.

use hotloop::jit;

use crate::harness::outcome;

#[jit]
#[track_caller]
fn element(data: &[f64], i: usize) -> f64 {
    data[i]
}

#[test]
fn track_caller_moves_the_panic_to_the_call() {
    let line = line!() + 1;
    let panicked = outcome(|| element(&[1.0], 3)).unwrap_err();
    let prefix = format!("{}:{line}:", file!());
    assert!(panicked.location.starts_with(&prefix), "{panicked:?}");
    assert_eq!(
        panicked.message,
        "index out of bounds: the len is 1 but the index is 3"
    );
    assert_eq!(element::specializations().len(), 1);
}

/// The function exists on every target, and on those that exist, once.
#[jit]
#[cfg(target_pointer_width = "64")]
#[cfg_attr(all(), inline, must_use, doc = "Documented.")]
#[cfg_attr(any(), no_such_attribute)]
fn conditional(x: u32) -> u32 {
    x + 1
}

#[jit]
#[cfg(not(target_pointer_width = "64"))]
fn conditional(x: u32) -> u32 {
    x + 2
}

#[test]
fn cfg_holds_for_the_companion_too() {
    assert_eq!(conditional(1), 2);
    assert_eq!(conditional::plain(1), 2);
    assert_eq!(conditional::specializations().len(), 1);
}

#[jit]
fn conditional_parts(x: i32, kind: i32) -> i32 {
    #[cfg(not(all()))]
    return no_such_function(x);
    let mut y = x;
    #[cfg(target_pointer_width = "64")]
    {
        y += 10;
    }
    #[cfg(not(target_pointer_width = "64"))]
    {
        y += 20;
    }
    for _ in 0..3 {
        #[cfg(target_pointer_width = "64")]
        let step = 100;
        #[cfg(any())]
        let step = no_such_step;
        y += step;
    }
    match kind {
        #[cfg(any())]
        0 => 1,
        #[cfg(target_pointer_width = "64")]
        0 => 2,
        _ => y,
    }
}

#[test]
fn cfg_inside_of_a_body_is_decided_before_the_capture() {
    let width = if cfg!(target_pointer_width = "64") {
        10
    } else {
        20
    };
    for (kind, expected) in [(0, 2), (1, 5 + width + 300)] {
        assert_eq!(conditional_parts(5, kind), expected);
        assert_eq!(conditional_parts::plain(5, kind), expected);
    }
    assert_eq!(conditional_parts::specializations().len(), 1);
}

macro_rules! kernels {
    ($($name:ident($ty:ty) by $op:tt;)*) => {
        $(
            #[jit]
            fn $name(data: &mut [$ty], with: $ty) {
                for i in 0..data.len() {
                    data[i] = data[i] $op with;
                }
            }
        )*
    };
}
kernels! {
    add_all(i32) by +;
    divide_all(f64) by /;
}

#[test]
fn macros_write_jitted_functions() {
    let mut data = [1, 2];
    add_all(&mut data, 3);
    assert_eq!(data, [4, 5]);
    let mut data = [1.0, 2.0];
    divide_all(&mut data, 2.0);
    assert_eq!(data, [0.5, 1.0]);
    assert_eq!(add_all::specializations().len(), 1);
    assert_eq!(divide_all::specializations().len(), 1);
    if crate::harness::overflow_checks() {
        let from_jit = outcome(|| add_all(&mut [i32::MAX], 1)).unwrap_err();
        let from_plain = outcome(|| add_all::plain(&mut [i32::MAX], 1)).unwrap_err();
        assert_eq!(from_jit, from_plain);
    }
}

/// A name that is a keyword, and parameters that are one.
#[jit]
fn r#loop(r#type: u8, r#fn: &[u8]) -> u8 {
    r#type + r#fn[0]
}

#[test]
fn raw_names() {
    assert_eq!(r#loop(1, &[2]), 3);
    assert_eq!(
        r#loop::specializations()[0].signature(),
        "loop(u8, &[u8]) -> u8"
    );
}

mod kernels {
    use hotloop::jit;

    #[jit]
    pub(super) fn visible(x: f32) -> f32 {
        x * 2.0
    }
}

/// One `use` brings both the function and its companion.
#[test]
fn one_import_for_both() {
    use kernels::visible;
    assert_eq!(visible(1.5), 3.0);
    assert_eq!(visible::plain(1.5), 3.0);
}
