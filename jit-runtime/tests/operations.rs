//! Every operator, conversion and method, for every type that has it, at interesting values, against the evaluator.

mod oracle;

use hotloop_ir::{
    Argument, BinaryOp, Block, ConstValue, Expr, ExprKind, FastMath, Function, Intrinsic, Local,
    Place, Scalar, ScalarTy, Site, SiteId, SiteKind, Span, Stmt, StmtKind, Traps, Ty, UnaryOp,
    Value,
};
use oracle::{Checked, Compiled, Rng, interesting, random_scalar};

/// `fn(params..) -> result { operation(params..) }`
fn function(
    params: &[ScalarTy],
    result: Ty,
    site: Option<SiteKind>,
    operation: impl FnOnce(Vec<hotloop_ir::ExprId>, Option<SiteId>) -> ExprKind,
) -> Function {
    let mut func = Function {
        name: "operation".into(),
        module: String::new(),
        file: String::new(),
        type_params: Vec::new(),
        params: Vec::new(),
        result: result.clone(),
        tables: Vec::new(),
        locals: Default::default(),
        exprs: Default::default(),
        expr_spans: Vec::new(),
        sites: Default::default(),
        body: Block::default(),
        fastmath: FastMath::STRICT,
        parallel: None,
        deferred: None,
        unchecked: false,
    };
    let mut args = Vec::new();
    for (index, &ty) in params.iter().enumerate() {
        let local = func.locals.push(Local {
            name: format!("p{index}"),
            ty: ty.into(),
            mutable: false,
            span: Span::UNKNOWN,
        });
        func.params.push(local);
        let kind = ExprKind::Load(Place::local(local));
        let ty = ty.into();
        args.push(func.exprs.push(Expr { kind, ty }));
    }
    let span = Span::UNKNOWN;
    let operands = params.iter().map(|&ty| ty.into()).collect();
    let site = site.map(|kind| {
        func.sites.push(Site {
            kind,
            span,
            origin: 0,
            node: 0,
            operands,
        })
    });
    let kind = operation(args, site);
    let value = func.exprs.push(Expr { kind, ty: result });
    let kind = StmtKind::Return(Some(value));
    func.body.stmts.push(Stmt { kind, span });
    func
}

/// How many of the combinations of interesting values are tried, about: all pairs, some triples. The evaluator is slow where it is not
/// optimized, so that a step through the pairs that comes by every value of each argument has to do there.
const N_COMBINATIONS: usize = if cfg!(debug_assertions) { 150 } else { 1400 };

/// How many random arguments are tried.
const N_RANDOM: usize = if cfg!(debug_assertions) { 50 } else { 200 };

/// A step through `total` combinations that comes by all values of each argument.
fn stride(total: usize, lens: &[usize]) -> usize {
    let mut stride = (total / N_COMBINATIONS).max(1);
    let gcd = |mut a: usize, mut b: usize| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    while lens.iter().any(|&len| gcd(stride, len) != 1) {
        stride += 1;
    }
    stride
}

/// Compiles the function and compares it for all pairs of interesting values (triples are sampled) and random ones.
fn check(what: &str, func: &Function, params: &[ScalarTy]) {
    let compiled = Compiled::alone(func).unwrap_or_else(|error| panic!("{what}: {error}"));
    let values: Vec<Vec<u128>> = params.iter().map(|&ty| interesting(ty)).collect();
    let mut rng = Rng(1);
    let total: usize = values.iter().map(Vec::len).product();
    let lens: Vec<usize> = values.iter().map(Vec::len).collect();
    let stride = stride(total, &lens);
    let grid = (0..total).step_by(stride).map(|mut index| {
        let mut row = Vec::new();
        for (values, &ty) in values.iter().zip(params) {
            row.push(Scalar::from_bits(ty, values[index % values.len()]));
            index /= values.len();
        }
        row
    });
    let random: Vec<Vec<Scalar>> = (0..N_RANDOM)
        .map(|_| {
            params
                .iter()
                .map(|&ty| random_scalar(&mut rng, ty))
                .collect()
        })
        .collect();
    let (mut answers, mut open) = (0, 0);
    for row in grid.chain(random) {
        let args: Vec<Argument> = row
            .iter()
            .map(|&scalar| Argument::Scalar(Value::Scalar(scalar)))
            .collect();
        match compiled.check(&args) {
            Ok(Checked::Returned | Checked::Trapped) => answers += 1,
            Ok(Checked::Open) => open += 1,
            Ok(other @ (Checked::NoAnswer | Checked::HostPanicked)) => {
                panic!("{what} {row:?}: {other:?}")
            }
            Err(error) => panic!("{what} {row:?}: {error}"),
        }
    }
    assert!(open * 5 <= answers, "{what}: {open} open of {answers}");
}

#[test]
fn operators_agree() {
    for ty in ScalarTy::ALL {
        for op in BinaryOp::ALL.into_iter().filter(|op| op.applies_to(ty)) {
            let rights: &[ScalarTy] = match op.is_shift() {
                true => &[ScalarTy::I8, ScalarTy::U32, ScalarTy::I128, ScalarTy::Usize],
                false => &[ty],
            };
            for &right in rights {
                for checks in [false, true] {
                    let site = op.may_trap_for(ty, checks).then_some(SiteKind::Binary(op));
                    let result = if op.is_comparison() {
                        ScalarTy::Bool
                    } else {
                        ty
                    };
                    let func = function(&[ty, right], result.into(), site, |args, site| {
                        let (lhs, rhs) = (args[0], args[1]);
                        ExprKind::Binary { op, lhs, rhs, site }
                    });
                    check(&format!("{ty} {op:?} {right}"), &func, &[ty, right]);
                }
            }
        }
        for op in [UnaryOp::Neg, UnaryOp::Not] {
            for checks in [false, true] {
                if op.applies_to(ty) {
                    let site = op.may_trap_for(ty, checks).then_some(SiteKind::Neg);
                    let func = function(&[ty], ty.into(), site, |args, site| {
                        let operand = args[0];
                        ExprKind::Unary { op, operand, site }
                    });
                    check(&format!("{op:?} {ty}"), &func, &[ty]);
                }
            }
        }
    }
}

#[test]
fn conversions_agree() {
    for from in ScalarTy::ALL {
        for to in ScalarTy::ALL {
            if hotloop_ir::rules::cast_exists(from, to) {
                let func = function(&[from], to.into(), None, |args, _| ExprKind::Cast {
                    operand: args[0],
                });
                check(&format!("{from} as {to}"), &func, &[from]);
            }
            if hotloop_ir::rules::num_cast_exists(from, to) {
                let site = Some(SiteKind::NumCast);
                let func = function(&[from], to.into(), site, |args, site| ExprKind::NumCast {
                    operand: args[0],
                    site: site.expect("it was given"),
                });
                check(&format!("NumCast {from} {to}"), &func, &[from]);
                let func = function(&[from], Ty::BOOL, None, |args, _| ExprKind::NumCastFits {
                    operand: args[0],
                    target: to.into(),
                });
                check(&format!("NumCastFits {from} {to}"), &func, &[from]);
            }
        }
    }
}

fn check_methods(types: impl Iterator<Item = ScalarTy> + Clone) {
    for &intrinsic in Intrinsic::ALL {
        let info = intrinsic.info();
        for ty in types.clone().filter(|&ty| info.class.contains(ty)) {
            let params: Vec<ScalarTy> = info
                .args
                .iter()
                .filter_map(|&sig| sig.resolve(ty)?.as_scalar())
                .collect();
            let result = info.result.resolve(ty).expect("the type has the method");
            let checks: &[bool] = match info.traps {
                Traps::OnOverflow => &[false, true],
                Traps::Never | Traps::Always => &[true],
            };
            for &checks in checks {
                let site = intrinsic
                    .may_trap_for(ty, checks)
                    .then_some(SiteKind::Intrinsic(intrinsic));
                let func = function(&params, result.clone(), site, |args, site| ExprKind::Call {
                    intrinsic,
                    args,
                    site,
                });
                check(&format!("{ty}::{}", intrinsic.name()), &func, &params);
            }
        }
    }
}

#[test]
fn methods_of_floats_agree() {
    check_methods([ScalarTy::F32, ScalarTy::F64].into_iter());
}

#[test]
fn methods_of_signed_integers_agree() {
    check_methods(ScalarTy::ALL.into_iter().filter(|ty| ty.is_signed_int()));
}

#[test]
fn methods_of_unsigned_integers_agree() {
    check_methods(ScalarTy::ALL.into_iter().filter(|ty| ty.is_unsigned_int()));
}

/// Integer powers with a constant exponent, which are unrolled.
#[test]
fn integer_powers_by_constants_agree() {
    let types = [ScalarTy::I8, ScalarTy::U16, ScalarTy::I64, ScalarTy::U128];
    for intrinsic in [
        Intrinsic::Pow,
        Intrinsic::WrappingPow,
        Intrinsic::SaturatingPow,
        Intrinsic::OverflowingPow,
        Intrinsic::CheckedPow,
        Intrinsic::StrictPow,
    ] {
        for (ty, exponent) in types.into_iter().zip([7, 2, 5, 10].into_iter().cycle()) {
            for exponent in [0, 1, 3, exponent] {
                let result =
                    (intrinsic.info().result.resolve(ty)).expect("the type has the method");
                let site = intrinsic
                    .may_trap_for(ty, true)
                    .then_some(SiteKind::Intrinsic(intrinsic));
                let params = [ty, ScalarTy::U32];
                let mut func = function(&params, result, site, |args, site| ExprKind::Call {
                    intrinsic,
                    args,
                    site,
                });
                for expr in func.exprs.values_mut() {
                    if matches!(expr.kind, ExprKind::Load(_)) && expr.ty == ScalarTy::U32.into() {
                        expr.kind = ExprKind::Const(ConstValue::Int(exponent));
                    }
                }
                check(
                    &format!("{ty}::{} {exponent}", intrinsic.name()),
                    &func,
                    &params,
                );
            }
        }
    }
}

#[test]
fn methods_of_truth_values_agree() {
    check_methods([ScalarTy::Bool].into_iter());
}

/// The result of a method of constants.
fn check_constants(intrinsic: Intrinsic, args: &[(ScalarTy, ConstValue)]) {
    let ty = args[0].0;
    let mut func = function(&[], ty.into(), None, |_, _| ExprKind::Tuple(Vec::new()));
    let StmtKind::Return(Some(result)) = func.body.stmts[0].kind else {
        panic!("it returns a value");
    };
    let args = args
        .iter()
        .map(|&(ty, value)| {
            let (kind, ty) = (ExprKind::Const(value), ty.into());
            func.exprs.push(Expr { kind, ty })
        })
        .collect();
    func.exprs[result].kind = ExprKind::Call {
        intrinsic,
        args,
        site: None,
    };
    let compiled = Compiled::alone(&func).unwrap();
    assert_eq!(compiled.check(&[]), Ok(Checked::Returned), "{intrinsic:?}");
}

/// LLVM folds `sinhf(6.0)` to the rounded `sinh(6.0)`, which is not what `sinhf` returns.
#[test]
fn library_functions_of_f32_constants_are_the_librarys() {
    for intrinsic in [
        Intrinsic::Sinh,
        Intrinsic::Ln1p,
        Intrinsic::Tan,
        Intrinsic::Exp,
    ] {
        for value in (1..30).map(|n| n as f32 / 3.0) {
            let value = ConstValue::F32(value.to_bits());
            check_constants(intrinsic, &[(ScalarTy::F32, value)]);
        }
    }
}

/// LLVM folds `powi` to `pow`, which rounds once.
#[test]
fn powers_of_constants_are_products() {
    for exponent in [-3_i32, -1, 0, 2, 5, 6, 31] {
        let exponent = (ScalarTy::I32, ConstValue::Int((exponent as u32).into()));
        for value in (1..12).map(|n| f64::from(n) / -7.0) {
            let single = ConstValue::F32((value as f32).to_bits());
            let double = ConstValue::F64(value.to_bits());
            check_constants(Intrinsic::Powi, &[(ScalarTy::F32, single), exponent]);
            check_constants(Intrinsic::Powi, &[(ScalarTy::F64, double), exponent]);
        }
    }
}
