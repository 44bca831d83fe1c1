//! Instances as the expansion describes them; what is written here by hand is what it writes.

use hotloop_ir::instance::TypeInfo;
use hotloop_ir::{BuildOptions, FastMath, ScalarTy};

use super::*;
use crate::replay::{Arg, replay_failed};

macro_rules! source {
    ($name:literal) => {{
        static SOURCE: Source = Source::new(
            $name,
            "tests",
            b"",
            BuildOptions {
                overflow_checks: true,
                debug_assertions: true,
                fastmath: FastMath::STRICT,
                parallel: None,
            },
            false,
            |trap| replay_failed(trap),
            None,
            false,
        );
        &SOURCE
    }};
}

/// `fn even<T>(x: T, n: u32)` calls `odd::<T>` and itself for `f32`; `odd` calls `even::<T>`.
#[expect(non_camel_case_types)]
enum even {}
#[expect(non_camel_case_types)]
enum odd {}

impl even {
    fn __hotloop_instance_of<T>(_: T, _: u32) -> Twin<even, (T,)> {
        any()
    }

    fn deps<T>(deps: &mut Deps) {
        deps.callee(1, || odd::__hotloop_instance_of(any::<T>(), 0));
        deps.callee(2, || even::__hotloop_instance_of(any::<f32>(), any()));
        deps.ty(3, TypeInfo::Unit);
        deps.constant(4, &7_u8);
    }
}

impl odd {
    fn __hotloop_instance_of<T>(_: T, _: u32) -> Twin<odd, (T,)> {
        any()
    }

    fn deps<T>(deps: &mut Deps) {
        deps.callee(9, || even::__hotloop_instance_of(any::<T>(), 0));
    }
}

impl<T> Jitted<(T,)> for even {
    fn instance() -> InstanceFn {
        InstanceFn::new::<(T,)>(source!("even"), even::deps::<T>)
    }
}

impl<T> Jitted<(T,)> for odd {
    fn instance() -> InstanceFn {
        InstanceFn::new::<(T,)>(source!("odd"), odd::deps::<T>)
    }
}

/// Names and type arguments.
type Found = Vec<(&'static str, Vec<TypeInfo>)>;

/// What is found from `even::<f64>`, without the syntax, which there is none of.
fn found() -> (Found, Vec<Vec<(u32, usize)>>) {
    let gathered = gather(<even as Jitted<(f64,)>>::instance()).unwrap();
    let callees = gathered.functions().map(|(_, externs)| {
        let callees = externs.iter().filter_map(|(node, meaning)| match meaning {
            Extern::Callee(number) => Some((*node, *number)),
            _ => None,
        });
        callees.collect()
    });
    let callees = callees.collect();
    let found = (gathered.functions())
        .map(|(found, _)| (found.source.name, found.type_args.clone()))
        .collect();
    (found, callees)
}

#[test]
fn each_instance_is_gathered_once() {
    let (f64, f32) = (ScalarTy::F64, ScalarTy::F32);
    let of = |ty| vec![TypeInfo::Scalar(ty)];
    let (instances, callees) = found();
    assert_eq!(
        instances,
        [
            ("even", of(f64)),
            ("odd", of(f64)),
            ("even", of(f32)),
            ("odd", of(f32))
        ]
    );
    assert_eq!(
        callees,
        [
            vec![(1, 1), (2, 2)],
            vec![(9, 0)],
            vec![(1, 3), (2, 2)],
            vec![(9, 2)]
        ]
    );
}

struct Point(f64);

#[expect(clippy::unused_self)]
impl Point {
    fn __hotloop_instance_of_shared(&self, _: f64) -> Twin<odd, (f64,)> {
        any()
    }
    fn __hotloop_instance_of_owned(self) -> Twin<odd, (f32,)> {
        any()
    }
}

#[expect(non_camel_case_types)]
trait Fallback_shared {
    fn __hotloop_instance_of_shared<A>(&mut self, _: A) -> NotJitted;
}
impl<T: ?Sized> Fallback_shared for T {
    fn __hotloop_instance_of_shared<A>(&mut self, _: A) -> NotJitted {
        any()
    }
}
#[expect(non_camel_case_types)]
trait Fallback_owned {
    fn __hotloop_instance_of_owned(&mut self) -> NotJitted;
}
impl<T: ?Sized> Fallback_owned for T {
    fn __hotloop_instance_of_owned(&mut self) -> NotJitted {
        any()
    }
}

#[test]
fn methods_of_the_type_win_over_the_fallback() {
    fn jitted<M: Marker>(_: impl FnOnce() -> M) -> Option<&'static str> {
        M::instance().map(|instance| instance.source.name)
    }
    let _ = Point(1.0).0;
    assert_eq!(
        jitted(|| any::<Point>().__hotloop_instance_of_shared(0.0)),
        Some("odd")
    );
    assert_eq!(
        jitted(|| any::<Point>().__hotloop_instance_of_owned()),
        Some("odd")
    );
    assert_eq!(
        jitted(|| any::<f64>().__hotloop_instance_of_shared(0.0)),
        None
    );
    assert_eq!(
        jitted(|| slice_of(any::<f64>()).__hotloop_instance_of_owned()),
        None
    );
}

#[test]
fn host_functions_are_called_with_bits() {
    fn weigh(a: f64, b: i8, flag: bool) -> i64 {
        assert!(flag, "no flag");
        a as i64 + i64::from(b)
    }
    let (info, call) = HostFn::host(weigh, "weigh");
    let params = [ScalarTy::F64, ScalarTy::I8, ScalarTy::Bool].map(TypeInfo::Scalar);
    assert_eq!(info.params, params);
    assert_eq!(info.result, TypeInfo::Scalar(ScalarTy::I64));
    let mut result = 0;
    let args = [f64::to_bits(40.0).into(), 0xfe, 1];
    // SAFETY: the arguments are those that the description asks for.
    assert_eq!(unsafe { call(args.as_ptr(), &raw mut result) }, 0);
    assert_eq!(result as i64, 38);
    let args = [0, 0, 0];
    // SAFETY: as above.
    let status = unsafe { call(args.as_ptr(), &raw mut result) };
    assert_eq!(status, hotloop_ir::func::HOST_PANICKED);
    let payload = std::panic::catch_unwind(|| resume_host_panic()).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"no flag"));
}

#[test]
fn what_prints_gets_its_arguments_with_their_types() {
    let print = |args: &[Arg]| {
        let text: Vec<_> = args.iter().map(ToString::to_string).collect();
        std::panic::panic_any(text.join(" "));
    };
    let (_, call) = PrintFn::of("println!", print);
    let (f32, i8) = (ScalarTy::F32 as u128, ScalarTy::I8 as u128);
    let mut types = f32 | i8 << 4 | 2 << 124;
    let args = [f32::to_bits(1.5).into(), 0xff];
    // SAFETY: there are two arguments of these types.
    unsafe { call(args.as_ptr(), &raw mut types) };
    let payload = std::panic::catch_unwind(|| resume_host_panic()).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "1.5 -1");
}

#[test]
fn trampolines_have_names_of_their_own() {
    fn first() {}
    fn second() {}
    let mut gathered = Gathered::default();
    let mut add = |(info, call)| gathered.host(info, call).name;
    assert_eq!(add(HostFn::host(first, "f")), "f");
    assert_eq!(add(HostFn::host(second, "f")), "f#2");
    assert_eq!(add(HostFn::host(first, "f")), "f");
}
