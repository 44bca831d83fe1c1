//! Specialization: a captured function and its argument types become a function of scalars only.

use serde::{Deserialize, Serialize};

use crate::expr::{Expr, ExprId, ExprKind};
use crate::func::{FastMath, Function, Program, SiteKind};
use crate::parallel::Parallelism;
use crate::rules::{cast_exists, num_cast_exists};
use crate::span::Span;
use crate::stmt::StmtKind;
use crate::ty::{ScalarTy, Ty};
use crate::walk::for_each_trap;

/// What specialization has to know of the crate that contains the function and of the user's options. The default is a
/// release profile without `fastmath`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BuildOptions {
    /// Whether integer overflow panics (else it wraps).
    pub overflow_checks: bool,
    /// What `cfg!(debug_assertions)` says.
    pub debug_assertions: bool,
    /// The liberties that float arithmetic takes.
    pub fastmath: FastMath,
    /// Whether and how loops may run in parallel.
    pub parallel: Option<Parallelism>,
}

/// Why a function cannot be specialized to these types.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecializeError {
    /// The number of type arguments is not the number of type parameters.
    #[error("expected {expected} type arguments, found {found}")]
    TypeArgCount {
        /// How many type parameters the function has.
        expected: usize,
        /// How many type arguments were given.
        found: usize,
    },
    /// An operator, method, constant or conversion does not exist for a type.
    #[error("`{ty}` has no {operation}")]
    Missing {
        /// What is missing, such as "method `sqrt`" or "operator `-`".
        operation: String,
        /// The type that lacks it.
        ty: ScalarTy,
        /// Where it is used.
        span: Span,
    },
    /// The function is not well-formed; the verifier says more.
    #[error("malformed function: {message}")]
    Malformed {
        /// What is wrong.
        message: String,
        /// Where.
        span: Span,
    },
}

/// The function for these types and options: type parameters are replaced, constants that depend on types or options
/// become values, and sites of operations that cannot trap are dropped, so that from here on an operation traps if
/// and only if it has a site. Each site that is named has the types of its operands ([`crate::Site::operands`]). Sites and
/// expressions keep their numbers.
///
/// # Errors
///
/// If the number of types is wrong, if a type lacks an operation that the function uses, or if the function is
/// malformed in a way that is noticed here. What is returned is well-formed if `func` is.
pub fn specialize(
    func: &Function,
    type_args: &[ScalarTy],
    options: &BuildOptions,
) -> Result<Function, SpecializeError> {
    if type_args.len() != func.type_params.len() {
        return Err(SpecializeError::TypeArgCount {
            expected: func.type_params.len(),
            found: type_args.len(),
        });
    }
    // Before `clone`, which recurses.
    if !func.depths_fit() {
        return Err(malformed("blocks or types nest too deep", Span::UNKNOWN));
    }
    let mut result = func.clone();
    result.type_params.clear();
    result.fastmath = options.fastmath;
    result.parallel = options.parallel;
    substitute(&mut result.result, type_args, Span::UNKNOWN)?;
    for local in result.locals.values_mut() {
        substitute(&mut local.ty, type_args, local.span)?;
    }
    for table in &mut result.tables {
        substitute(&mut table.ty, type_args, Span::UNKNOWN)?;
    }
    for site in result.sites.values_mut() {
        for ty in &mut site.operands {
            substitute(ty, type_args, site.span)?;
        }
    }
    for id in func.exprs.handles() {
        let span = func.span_of(id);
        let expr = &mut result.exprs[id];
        substitute(&mut expr.ty, type_args, span)?;
        if let ExprKind::NumCastFits { target, .. } = &mut expr.kind {
            substitute(target, type_args, span)?;
        }
    }
    for id in result.exprs.handles() {
        specialize_expr(&mut result, id, options)?;
    }
    check_loop_types(&result)?;
    name_operands(&mut result);
    Ok(result)
}

/// The program for these types of its first function; `options` has those of each function's crate and attribute, one for
/// each. The other functions have no type parameters: lowering has made one for each of the types that they are called with.
///
/// # Errors
///
/// As [`specialize`], for the first function that has one; also if the number of options is wrong.
pub fn specialize_program(
    program: &Program,
    type_args: &[ScalarTy],
    options: &[BuildOptions],
) -> Result<Program, SpecializeError> {
    if options.len() != program.functions.len() {
        let message = "not as many options as functions";
        return Err(malformed(message, Span::UNKNOWN));
    }
    let mut functions = Vec::with_capacity(program.functions.len());
    for (number, (func, options)) in program.functions.iter().zip(options).enumerate() {
        let type_args = if number == 0 { type_args } else { &[] };
        functions.push(specialize(func, type_args, options)?);
    }
    Ok(Program {
        functions,
        hosts: program.hosts.clone(),
    })
}

/// Fills the types of operands in, so that who gets a trap need not look for the expression.
fn name_operands(func: &mut Function) {
    let mut named = Vec::new();
    for_each_trap(func, |site, operands, _| named.push((site, operands)));
    for (site, operands) in named {
        if let (Some(operands), true) = (operands, site.index() < func.sites.len()) {
            func.sites[site].operands = operands;
        }
    }
}

fn malformed(message: impl Into<String>, span: Span) -> SpecializeError {
    SpecializeError::Malformed {
        message: message.into(),
        span,
    }
}

fn missing(operation: String, ty: ScalarTy, span: Span) -> SpecializeError {
    SpecializeError::Missing {
        operation,
        ty,
        span,
    }
}

fn substitute(ty: &mut Ty, type_args: &[ScalarTy], span: Span) -> Result<(), SpecializeError> {
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        match ty {
            Ty::Unit | Ty::Scalar(_) | Ty::Struct(_) => {}
            Ty::Param(index) => {
                let Some(scalar) = type_args.get(*index as usize) else {
                    return Err(malformed(format!("no type parameter {index}"), span));
                };
                *ty = Ty::Scalar(*scalar);
            }
            Ty::Tuple(elems) => open.extend(elems),
            Ty::Array { elem, .. } | Ty::Slice { elem, .. } => open.push(elem),
            Ty::Ref { to, .. } => open.push(to),
        }
    }
    Ok(())
}

/// The scalar type of an operand.
fn scalar_of(func: &Function, id: ExprId, span: Span) -> Result<ScalarTy, SpecializeError> {
    let expr = func
        .exprs
        .get(id)
        .ok_or_else(|| malformed(format!("no expression {id:?}"), span))?;
    own_scalar(expr, span)
}

fn own_scalar(expr: &Expr, span: Span) -> Result<ScalarTy, SpecializeError> {
    expr.ty
        .as_scalar()
        .ok_or_else(|| malformed("an operand is not a scalar", span))
}

/// Folds what depends on types and options, drops sites, and checks that the operation exists for its types.
fn specialize_expr(
    func: &mut Function,
    id: ExprId,
    options: &BuildOptions,
) -> Result<(), SpecializeError> {
    let span = func.span_of(id);
    let expr = &func.exprs[id];
    let checks = options.overflow_checks;
    // Decide on the shared arena first, then write: the operands' types are in it too.
    let (folded, keeps_site) = match &expr.kind {
        ExprKind::Named(name) => {
            let ty = own_scalar(expr, span)?;
            let value = name
                .value(ty)
                .ok_or_else(|| missing(format!("constant `{}`", name.name()), ty, span))?;
            (Some(ExprKind::Const(value)), false)
        }
        ExprKind::DebugAssertions => {
            let value = crate::ConstValue::Bool(options.debug_assertions);
            (Some(ExprKind::Const(value)), false)
        }
        ExprKind::Unary { op, operand, .. } => {
            let ty = scalar_of(func, *operand, span)?;
            if !op.applies_to(ty) {
                return Err(missing(format!("operator `{}`", op.symbol()), ty, span));
            }
            (None, op.may_trap_for(ty, checks))
        }
        ExprKind::Binary { op, lhs, rhs, .. } => {
            let ty = scalar_of(func, *lhs, span)?;
            let distance = scalar_of(func, *rhs, span)?;
            if !op.applies_to(ty) {
                return Err(missing(format!("operator `{}`", op.symbol()), ty, span));
            }
            if op.is_shift() && !distance.is_int() {
                let operation = format!("shift by it (`{}`)", op.symbol());
                return Err(missing(operation, distance, span));
            }
            (None, op.may_trap_for(ty, checks))
        }
        ExprKind::Cast { operand } => {
            let (from, to) = (scalar_of(func, *operand, span)?, own_scalar(expr, span)?);
            if !cast_exists(from, to) {
                return Err(missing(format!("cast to `{to}`"), from, span));
            }
            (None, true)
        }
        ExprKind::NumCast { operand, .. } => {
            let (from, to) = (scalar_of(func, *operand, span)?, own_scalar(expr, span)?);
            if !num_cast_exists(from, to) {
                return Err(missing(format!("numeric conversion to `{to}`"), from, span));
            }
            (None, true)
        }
        ExprKind::NumCastFits { operand, target } => {
            let from = scalar_of(func, *operand, span)?;
            let to = target
                .as_scalar()
                .ok_or_else(|| malformed("a conversion to something not scalar", span))?;
            if !num_cast_exists(from, to) {
                return Err(missing(format!("numeric conversion to `{to}`"), from, span));
            }
            (None, true)
        }
        ExprKind::Call {
            intrinsic, args, ..
        } => {
            let ty = match args.first() {
                Some(receiver) if intrinsic.receiver_is_self() => scalar_of(func, *receiver, span)?,
                Some(_) => own_scalar(expr, span)?,
                None => return Err(malformed("a method call without arguments", span)),
            };
            if !intrinsic.info().class.contains(ty) {
                return Err(missing(format!("method `{}`", intrinsic.name()), ty, span));
            }
            (None, intrinsic.may_trap_for(ty, checks))
        }
        ExprKind::Const(_)
        | ExprKind::Load(_)
        | ExprKind::Len(_)
        | ExprKind::ShortCircuit { .. }
        | ExprKind::Select { .. }
        | ExprKind::Tuple(_)
        | ExprKind::Borrow(_)
        | ExprKind::SubSlice { .. }
        | ExprKind::Table(_)
        | ExprKind::Array(_)
        | ExprKind::Repeat(_)
        | ExprKind::Struct(_)
        | ExprKind::Zeroed => (None, true),
    };
    let kind = &mut func.exprs[id].kind;
    if let Some(folded) = folded {
        *kind = folded;
    }
    if let ExprKind::Call {
        intrinsic, site, ..
    } = kind
        && intrinsic.in_profile(checks) != *intrinsic
    {
        *intrinsic = intrinsic.in_profile(checks);
        let method = SiteKind::Intrinsic(*intrinsic);
        if let Some(site) = *site
            && func.sites.get(site).is_some()
        {
            func.sites[site].kind = method;
        }
    }
    match kind {
        ExprKind::Unary { site, .. }
        | ExprKind::Binary { site, .. }
        | ExprKind::Call { site, .. }
            if !keeps_site =>
        {
            *site = None;
        }
        _ => {}
    }
    Ok(())
}

/// A generic loop variable must have become an integer.
fn check_loop_types(func: &Function) -> Result<(), SpecializeError> {
    let mut error = None;
    func.body.for_each_stmt(|stmt| {
        if let StmtKind::For(for_loop) = &stmt.kind
            && let Some(var) = func.locals.get(for_loop.var)
            && let Some(ty) = var.ty.as_scalar()
            && !ty.is_int()
        {
            error.get_or_insert_with(|| missing("range to loop over".into(), ty, stmt.span));
        }
    });
    error.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
