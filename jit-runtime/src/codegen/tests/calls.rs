//! The calling convention, from the side of a Rust caller; and callers on several threads.

use hotloop_ir::{BinaryOp, ExprKind, ScalarTy, Ty};

use super::alone;
use super::build::{Builder, slice};
use crate::codegen::CodegenError;
use crate::codegen::abi::{STATUS_OK, TrapPayload};
use crate::object::load_object;
use crate::pipeline::{CompileRequest, compile};
use crate::symbols;

/// More arguments than registers, of all kinds, 128-bit integers in registers and in memory.
#[test]
fn rust_calls_an_entry_point_as_extern_c() {
    type Entry = unsafe extern "C" fn(
        i128,
        *const u16,
        usize,
        i128,
        bool,
        i8,
        f32,
        *mut f64,
        usize,
        i128,
        *mut i128,
        *mut bool,
        *mut i8,
        *mut TrapPayload,
    ) -> u32;
    let [wide, small, flag] = [ScalarTy::I128, ScalarTy::I8, ScalarTy::Bool];
    let result = Ty::Tuple(vec![
        wide.into(),
        Ty::Tuple(vec![flag.into(), small.into()]),
    ]);
    let mut b = Builder::new("many", result.clone());
    let first = b.param(wide);
    let halves = b.param(slice(ScalarTy::U16, false));
    let second = b.param(wide);
    let not = b.param(flag);
    let byte = b.param(small);
    let single = b.param(ScalarTy::F32);
    let doubles = b.param(slice(ScalarTy::F64, true));
    let third = b.param(wide);

    let (at, value) = (b.int(ScalarTy::Usize, 1), b.get(single));
    let value = b.expr(ExprKind::Cast { operand: value }, ScalarTy::F64);
    b.set_element(doubles, at, value);
    let (lhs, rhs) = (b.get(first), b.get(second));
    let sum = b.binary(BinaryOp::Sub, lhs, rhs);
    let rhs = b.get(third);
    let sum = b.binary(BinaryOp::Add, sum, rhs);
    let at = b.int(ScalarTy::Usize, 2);
    let half = b.get_element(halves, at);
    let half = b.expr(ExprKind::Cast { operand: half }, wide);
    let sum = b.binary(BinaryOp::Add, sum, half);
    let byte = b.get(byte);
    let byte = b.neg(byte, true);
    let parts = vec![b.get(not), byte];
    let pair = b.expr(
        ExprKind::Tuple(parts),
        Ty::Tuple(vec![flag.into(), small.into()]),
    );
    let value = b.expr(ExprKind::Tuple(vec![sum, pair]), result);
    b.ret(value);

    let object = compile(&alone(&b.finish()), &CompileRequest::default()).unwrap();
    let code = load_object(&object.bytes, &symbols::resolve).unwrap();
    let address = code.symbol(&object.entry_symbol).unwrap();
    // SAFETY: the signature is the convention's for these parameters and this result.
    let entry = unsafe { std::mem::transmute::<*const (), Entry>(address) };
    let (halves, mut doubles) = ([1_u16, 2, 3], [0.0_f64; 3]);
    let (mut sum, mut flag, mut byte) = (0_i128, false, 0_i8);
    let mut payload = TrapPayload::default();
    let mut call = |small: i8, doubles: &mut [f64]| {
        // SAFETY: the slices are valid, the out-pointers are to locals.
        unsafe {
            entry(
                1 << 100,
                halves.as_ptr(),
                halves.len(),
                1 << 90,
                true,
                small,
                1.5,
                doubles.as_mut_ptr(),
                doubles.len(),
                -(1 << 80),
                &mut sum,
                &mut flag,
                &mut byte,
                &mut payload,
            )
        }
    };
    assert_eq!(call(7, &mut doubles), STATUS_OK);
    let trapped = call(-128, &mut doubles);
    let outside = call(7, &mut doubles[..1]);
    assert_eq!(
        (sum, flag, byte),
        ((1 << 100) - (1 << 90) - (1 << 80) + 3, true, -7)
    );
    assert_eq!(doubles, [0.0, 1.5, 0.0]);
    assert_ne!((trapped, outside), (STATUS_OK, STATUS_OK));
    assert_eq!(payload.operands[..2], [1, 1]);
}

/// Compilers disagree about what follows such a parameter.
#[test]
fn a_wide_parameter_with_one_register_left_is_declined() {
    for (before, declined) in [(4, false), (5, true), (6, false)] {
        let mut b = Builder::new("wide", ScalarTy::I128.into());
        for _ in 0..before {
            b.param(ScalarTy::I32);
        }
        let wide = b.param(ScalarTy::I128);
        let value = b.get(wide);
        b.ret(value);
        let result = compile(&alone(&b.finish()), &CompileRequest::default());
        let unsupported = matches!(result, Err(CodegenError::Unsupported(_)));
        assert_eq!(unsupported, declined, "{before}");
    }
}

#[test]
fn threads_compile_at_the_same_time() {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    super::kernels::dot_works();
                }
            });
        }
    });
}

#[test]
fn functions_that_are_not_verified_are_errors() {
    let mut b = Builder::new("broken", ScalarTy::I32.into());
    let x = b.param(ScalarTy::I32);
    let value = b.get(x);
    b.ret(value);
    let mut func = b.finish();
    func.exprs[value].kind = ExprKind::Cast {
        operand: hotloop_ir::Handle::from_index(9),
    };
    assert!(compile(&alone(&func), &CompileRequest::default()).is_err());
}

/// As deep as verification allows, on the stack that a thread has by default.
#[test]
fn deep_functions_compile() {
    let mut b = Builder::new("deep", ScalarTy::I64.into());
    let x = b.param(ScalarTy::I64);
    let deepest = |b: &mut Builder| {
        let mut value = b.get(x);
        for _ in 0..120 {
            let (cond, zero) = (b.get(x), b.int(ScalarTy::I64, 0));
            let cond = b.binary(BinaryOp::Lt, cond, zero);
            let (then, otherwise) = (b.neg(value, true), b.int(ScalarTy::I64, 1));
            let kind = ExprKind::Select {
                cond,
                then,
                otherwise,
            };
            value = b.expr(kind, ScalarTy::I64);
        }
        b.ret(value);
    };
    fn nest(b: &mut Builder, depth: usize, fill: &dyn Fn(&mut Builder)) {
        if depth == 0 {
            return fill(b);
        }
        let cond = b.expr(
            ExprKind::Const(hotloop_ir::ConstValue::Bool(true)),
            Ty::BOOL,
        );
        let then = b.block(|b| nest(b, depth - 1, fill));
        let otherwise = Default::default();
        b.stmt(hotloop_ir::StmtKind::If {
            cond,
            then,
            otherwise,
        });
    }
    nest(&mut b, 120, &deepest);
    deepest(&mut b);
    compile(&alone(&b.finish()), &CompileRequest::default()).unwrap();
}
