//! What decides the key, flipped one by one.

use hotloop_ir::instance::{ConstInfo, TypeInfo};
use hotloop_ir::{BuildOptions, FastMath, Parallelism, ScalarTy, Schedule};

use super::*;
use crate::link::{Deps, InstanceFn, gather};
use crate::report::Requirements;

const OPTIONS: BuildOptions = BuildOptions {
    overflow_checks: false,
    debug_assertions: false,
    fastmath: FastMath::STRICT,
    parallel: None,
};

const REPLAY: fn(&crate::replay::TrapInfo) -> ! = |_| panic!();

fn source(hir: &'static [u8], options: BuildOptions) -> &'static Source {
    let source = Source::new("f", "tests", hir, options, false, REPLAY, None, true);
    Box::leak(Box::new(source))
}

fn plain() -> &'static Source {
    source(b"body", OPTIONS)
}

fn no_names(_: &mut Deps) {}

fn instance(source: &'static Source, deps: fn(&mut Deps)) -> InstanceFn {
    InstanceFn {
        source,
        type_args: Vec::new(),
        const_args: Vec::new(),
        deps,
    }
}

fn key_for(instance: InstanceFn, args: &GenericArgs) -> Key {
    let source = instance.source;
    inputs(source, &gather(instance).unwrap(), args, CpuLevel::Native).key()
}

fn key(instance: InstanceFn) -> Key {
    key_for(instance, &GenericArgs::default())
}

/// A constant of this value, at node 3.
fn constant<const VALUE: i64>(deps: &mut Deps) {
    deps.constant(3, &VALUE);
}

#[test]
fn the_same_is_the_same() {
    assert_eq!(
        key(instance(plain(), no_names)),
        key(instance(plain(), no_names))
    );
}

#[test]
fn each_input_decides() {
    let mut keys = vec![("nothing", key(instance(plain(), no_names)))];
    let mut flip = |what, flipped| keys.push((what, flipped));
    flip(
        "the body",
        key(instance(source(b"other", OPTIONS), no_names)),
    );
    let options = |change: fn(&mut BuildOptions)| {
        let mut options = OPTIONS;
        change(&mut options);
        key(instance(source(b"body", options), no_names))
    };
    flip(
        "overflow checks",
        options(|options| options.overflow_checks = true),
    );
    flip(
        "debug assertions",
        options(|options| options.debug_assertions = true),
    );
    flip(
        "fastmath",
        options(|options| options.fastmath = FastMath::ALGEBRAIC),
    );
    flip(
        "reassoc",
        options(|options| options.fastmath.reassoc = true),
    );
    flip(
        "contract",
        options(|options| options.fastmath.contract = true),
    );
    flip("nsz", options(|options| options.fastmath.nsz = true));
    flip("arcp", options(|options| options.fastmath.arcp = true));
    flip("afn", options(|options| options.fastmath.afn = true));
    flip("nnan", options(|options| options.fastmath.nnan = true));
    flip("ninf", options(|options| options.fastmath.ninf = true));
    let required = |change: fn(&mut Requirements)| {
        let mut requirements = Requirements::NONE;
        change(&mut requirements);
        let source = Source::new("f", "tests", b"body", OPTIONS, false, REPLAY, None, true);
        let source = Box::leak(Box::new(source.require(requirements)));
        key(instance(source, no_names))
    };
    flip(
        "vectorized",
        required(|required| required.vectorized = true),
    );
    flip("no_checks", required(|required| required.no_checks = true));
    flip(
        "no_host_calls",
        required(|required| required.no_host_calls = true),
    );
    flip(
        "parallel required",
        required(|required| required.parallel = true),
    );
    let shim = Source::new(
        "f",
        "tests",
        b"body",
        OPTIONS,
        false,
        REPLAY,
        Some((1, 0)),
        true,
    );
    let shim = Box::leak(Box::new(shim));
    flip("the calling convention", key(instance(shim, no_names)));
    let elsewhere = Source::new("f", "others", b"body", OPTIONS, false, REPLAY, None, true);
    let elsewhere = Box::leak(Box::new(elsewhere));
    flip("the module", key(instance(elsewhere, no_names)));
    for &level in CpuLevel::LEVELS {
        let gathered = gather(instance(plain(), no_names)).unwrap();
        let inputs = inputs(plain(), &gathered, &GenericArgs::default(), level);
        flip(level.name(), inputs.key());
    }
    let parallel = |change: fn(&mut Parallelism)| {
        let mut parallel = Parallelism::AUTO;
        change(&mut parallel);
        let options = BuildOptions {
            parallel: Some(parallel),
            ..OPTIONS
        };
        key(instance(source(b"body", options), no_names))
    };
    flip("parallel", parallel(|_| {}));
    flip("threads", parallel(|asked| asked.threads = Some(1)));
    flip("min_len", parallel(|asked| asked.min_len = Some(1)));
    flip("chunk", parallel(|asked| asked.chunk = Some(1)));
    flip(
        "schedule",
        parallel(|asked| asked.schedule = Some(Schedule::Static)),
    );
    flip("a constant", key(instance(plain(), constant::<1>)));
    flip("its value", key(instance(plain(), constant::<2>)));
    let args = GenericArgs {
        types: vec![ScalarTy::F32],
        ..GenericArgs::default()
    };
    flip(
        "a type argument",
        key_for(instance(plain(), no_names), &args),
    );
    let with = |type_args, const_args| InstanceFn {
        type_args,
        const_args,
        ..instance(plain(), no_names)
    };
    let f64 = TypeInfo::Scalar(ScalarTy::F64);
    flip(
        "the type of an instance",
        key(with(vec![f64.clone()], Vec::new())),
    );
    let three = ConstInfo {
        ty: f64,
        bytes: vec![0; 8],
    };
    flip("a const argument", key(with(Vec::new(), vec![three])));
    for (n, (what, key)) in keys.iter().enumerate() {
        for (other, other_key) in &keys[..n] {
            assert_ne!(key, other_key, "{what} and {other}");
        }
    }
}

/// `f` calls a function of another crate, whose body changes.
#[test]
fn a_callee_decides() {
    use crate::link::{Jitted, Twin, any};

    struct Callee<const VERSION: u8>;
    impl<const VERSION: u8> Jitted<()> for Callee<VERSION> {
        fn instance() -> InstanceFn {
            let body: &[u8] = if VERSION == 1 { b"callee" } else { b"edited" };
            instance(source(body, OPTIONS), no_names)
        }
    }
    fn calls<const VERSION: u8>(deps: &mut Deps) {
        deps.callee(7, any::<Twin<Callee<VERSION>, ()>>);
    }
    let (before, after) = (calls::<1>, calls::<2>);
    assert_ne!(
        key(instance(plain(), before)),
        key(instance(plain(), after))
    );
    assert_ne!(
        key(instance(plain(), before)),
        key(instance(plain(), no_names))
    );
    assert_eq!(
        key(instance(plain(), before)),
        key(instance(plain(), before))
    );
}
