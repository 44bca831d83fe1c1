//! Iterators and closures: what the evaluator makes of a function is what rustc makes of it.

mod adaptors;
mod closures;
mod consumers;
mod loops;
mod named;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::eval::{Argument, Outcome, Scalar, Value, eval_program};
use crate::frontend::capture;
use crate::func::Program;
use crate::instance::Instance;
use crate::lower::lower_program;
use crate::specialize::{BuildOptions, specialize_program};
use crate::ty::ScalarTy;

/// The program of a function's source.
#[track_caller]
pub(super) fn program_of(source: &str) -> Program {
    let item: syn::ItemFn = syn::parse_str(source).expect("the test's source parses");
    let captured = match capture(&item) {
        Ok(captured) => captured,
        Err(found) => {
            let messages: Vec<_> = found.iter().map(|one| (&one.message, &one.help)).collect();
            panic!("refused {source}: {messages:#?}")
        }
    };
    let build = BuildOptions {
        overflow_checks: true,
        debug_assertions: true,
        ..BuildOptions::default()
    };
    let instance = Instance {
        function: Arc::new(captured.function),
        module: String::new(),
        type_args: Vec::new(),
        const_args: Vec::new(),
        externs: BTreeMap::new(),
        build,
    };
    let program =
        lower_program(&[instance]).unwrap_or_else(|error| panic!("not lowered: {error}: {source}"));
    let program = match specialize_program(&program.program, &[], &[build]) {
        Ok(program) => program,
        Err(error) => panic!("not specialized: {error}: {source}"),
    };
    for (_, site) in program.functions[0].sites.iter() {
        let known = captured.panics.iter().any(|one| one.node == site.node);
        assert!(
            known,
            "no panic at {:?} in {source}: {:?}",
            site.span, site.kind
        );
    }
    program
}

/// An argument of a test.
pub(super) trait Arg {
    fn arg(&self) -> Argument;
}

/// The result of a test.
pub(super) trait Agrees {
    fn agrees(&self, value: &Value) -> bool;
}

macro_rules! scalars {
    ($($ty:ident $variant:ident $value:ident => $bits:expr;)*) => {$(
        impl ToScalar for $ty {
            fn to_scalar(&self) -> Scalar {
                let $value = *self;
                Scalar::from_bits(ScalarTy::$variant, $bits)
            }
        }
        impl Arg for $ty {
            fn arg(&self) -> Argument {
                Argument::Scalar(Value::Scalar(self.to_scalar()))
            }
        }
        impl Agrees for $ty {
            fn agrees(&self, value: &Value) -> bool {
                Value::Scalar(self.to_scalar()).agrees_with(value)
            }
        }
    )*};
}

pub(super) trait ToScalar {
    fn to_scalar(&self) -> Scalar;
}

scalars! {
    bool Bool x => u128::from(x);
    f64 F64 x => u128::from(x.to_bits());
    f32 F32 x => u128::from(x.to_bits());
    usize Usize x => x as u128;
    u8 U8 x => u128::from(x);
    u32 U32 x => u128::from(x);
    u64 U64 x => u128::from(x);
    i8 I8 x => u128::from(x as u8);
    i32 I32 x => u128::from(x as u32);
    i64 I64 x => u128::from(x as u64);
}

fn slice_arg<T: ToScalar>(elems: &[T]) -> Argument {
    let values = elems.iter().map(|elem| Value::Scalar(elem.to_scalar()));
    Argument::Slice(values.collect())
}

impl<T: ToScalar, const N: usize> Arg for &[T; N] {
    fn arg(&self) -> Argument {
        slice_arg(*self)
    }
}

impl<T: ToScalar, const N: usize> Arg for &mut [T; N] {
    fn arg(&self) -> Argument {
        slice_arg(*self)
    }
}

impl Agrees for () {
    fn agrees(&self, value: &Value) -> bool {
        *value == Value::Unit
    }
}

impl<T: Agrees> Agrees for Option<T> {
    fn agrees(&self, value: &Value) -> bool {
        let Value::Tuple(parts) = value else {
            return false;
        };
        match self {
            None => false.agrees(&parts[0]),
            Some(some) => true.agrees(&parts[0]) && some.agrees(&parts[1]),
        }
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Agrees),*> Agrees for ($($name,)*) {
            fn agrees(&self, value: &Value) -> bool {
                let Value::Tuple(parts) = value else { return false };
                true $(&& self.$index.agrees(&parts[$index]))*
            }
        }
    };
}

tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);

#[track_caller]
pub(super) fn compare<R: Agrees + std::fmt::Debug>(
    source: &str,
    mut args: Vec<Argument>,
    rust: impl FnOnce() -> R,
    after: impl FnOnce() -> Vec<Argument>,
) {
    let program = program_of(source);
    let shown = format!("{args:?}");
    let ours = eval_program(&program, &mut args, 1 << 20, &mut |_, _| None)
        .unwrap_or_else(|error| panic!("{error} with {shown}: {source}\n{}", show(&program)));
    let theirs = catch_unwind(AssertUnwindSafe(rust));
    match (&ours, &theirs) {
        (Outcome::Return(value), Ok(expected)) => {
            assert!(
                expected.agrees(value),
                "{value:?} is not {expected:?} with {shown}: {source}\n{}",
                show(&program)
            );
        }
        (Outcome::Trap { .. }, Err(_)) => {}
        (ours, theirs) => panic!(
            "{ours:?} is not {theirs:?} with {shown}: {source}\n{}",
            show(&program)
        ),
    }
    let expected = after();
    assert_eq!(format!("{args:?}"), format!("{expected:?}"), "{source}");
}

pub(super) fn show(program: &Program) -> String {
    program.functions[0].to_string()
}

/// Compares functions with what rustc makes of them, for each list of arguments.
macro_rules! agrees {
    ($(fn $name:ident $params:tt $(-> $ret:ty)? $body:block for $(($($values:tt)*))+)*) => {$(
        #[test]
        #[allow(unused, clippy::all)]
        fn $name() {
            fn $name $params $(-> $ret)? $body
            let source = stringify!(fn $name $params $(-> $ret)? $body);
            $($crate::lower::iter_tests::agrees!(@case $name source $params ($($values)*));)+
        }
    )*};
    (@case $name:ident $source:ident ($($arg:ident: $ty:ty),* $(,)?) ($($value:expr),*)) => {
        let ($($arg,)*) = ($($value,)*);
        let args = vec![$($crate::lower::iter_tests::Arg::arg(&$arg)),*];
        let mut outcome = None;
        let rust = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            outcome = Some($name($($arg),*));
        }));
        $crate::lower::iter_tests::compare(
            $source,
            args,
            || match rust {
                Ok(()) => outcome.unwrap(),
                Err(panic) => std::panic::resume_unwind(panic),
            },
            || vec![$($crate::lower::iter_tests::Arg::arg(&$arg)),*],
        );
    };
}
use agrees;
