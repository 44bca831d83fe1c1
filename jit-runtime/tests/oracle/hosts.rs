//! Host functions for programs that call some: what they return depends on their number and arguments, and some calls panic.

use std::cell::RefCell;

use hotloop_ir::{Host, HostTy, Scalar, ScalarTy, Value};

use super::memory::scalar_value;

/// The most host functions of a program.
const MOST: usize = 4;

/// A call of a host function: its number, and the bits of its arguments.
pub(super) type HostCall = (usize, Vec<u128>);

thread_local! {
    /// The host functions of the program that this thread runs, and the calls of them.
    static RUNNING: RefCell<(Vec<Host>, Vec<HostCall>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// Prepares for a run of compiled code on this thread.
pub(super) fn start(hosts: &[Host]) {
    RUNNING.replace((hosts.to_vec(), Vec::new()));
}

/// The calls since [`start`].
pub(super) fn take_calls() -> Vec<HostCall> {
    RUNNING.with_borrow_mut(|(_, calls)| std::mem::take(calls))
}

/// Calls a host function for the evaluator.
pub(super) fn call(
    number: usize,
    host: &Host,
    args: &[Scalar],
    calls: &mut Vec<HostCall>,
) -> Option<Value> {
    let mut digest = number as u128 + 11;
    let mut bits = Vec::with_capacity(args.len());
    for arg in args {
        // Which NaN it is is open.
        let arg = if arg.is_nan() { 1 } else { arg.bits };
        bits.push(arg);
        digest = (digest ^ arg).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    }
    calls.push((number, bits));
    digest = digest.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835) >> 70;
    if digest.is_multiple_of(16) {
        return None;
    }
    Some(match host.result.and_then(HostTy::as_scalar) {
        None => Value::Unit,
        Some(ScalarTy::F32) => scalar_value(ScalarTy::F32, (digest as i8 as f32).to_bits().into()),
        Some(ScalarTy::F64) => scalar_value(ScalarTy::F64, (digest as i8 as f64).to_bits().into()),
        Some(ty) => scalar_value(ty, digest),
    })
}

extern "C" fn trampoline<const NUMBER: usize>(args: *const u128, result: *mut u128) -> u32 {
    RUNNING.with_borrow_mut(|(hosts, calls)| {
        let Some(host) = hosts.get(NUMBER) else {
            return 1;
        };
        // SAFETY: generated code passes as many words as the host function has parameters.
        let args = unsafe { std::slice::from_raw_parts(args, host.params.len()) };
        let scalars: Vec<_> = (host.params.iter().zip(args))
            .filter_map(|(ty, &bits)| Some(Scalar::from_bits(ty.as_scalar()?, bits)))
            .collect();
        let bits_are_extended = (scalars.iter().zip(args)).all(|(scalar, &arg)| scalar.bits == arg);
        assert!(
            bits_are_extended,
            "arguments of a host function are zero-extended"
        );
        match call(NUMBER, host, &scalars, calls) {
            None => 1,
            Some(value) => {
                if let Some(scalar) = value.as_scalar() {
                    // SAFETY: generated code passes memory for a word.
                    unsafe { *result = scalar.bits };
                }
                0
            }
        }
    })
}

/// The address of a host function's trampoline, by its symbol.
pub(super) fn resolve(symbol: &str) -> Option<*const ()> {
    let number: usize = symbol.strip_prefix("hotloop_host_")?.parse().ok()?;
    let trampolines: [extern "C" fn(*const u128, *mut u128) -> u32; MOST] = [
        trampoline::<0>,
        trampoline::<1>,
        trampoline::<2>,
        trampoline::<3>,
    ];
    trampolines.get(number).map(|&found| found as *const ())
}
