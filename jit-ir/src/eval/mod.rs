//! The evaluator: slow and obvious, the oracle for passes and code generation. It follows the semantics manual (the
//! crate's documentation) word by word and never asks how something could be done fast.

mod intrinsics;
mod ops;
mod overflow;
#[cfg(test)]
mod tests;
mod value;

pub use value::{Scalar, Value};

use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection, SiteId};
use crate::func::{Function, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, StmtKind};
use crate::ty::{ScalarTy, Ty};
use crate::verify::{VerifyError, verify_specialized};
use ops::NoValue;

/// An argument of a call. Slices are owned here, and hold what was stored once the call is over.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// A scalar, by value.
    Scalar(Value),
    /// The elements of a slice. Distinct arguments do not overlap.
    Slice(Vec<Value>),
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With this result.
    Return(Value),
    /// With a panic.
    Trap {
        /// Where.
        site: SiteId,
        /// What [`crate::SiteKind`] says: bits, zero-extended to 128.
        operands: Vec<u128>,
    },
}

/// Why a call has no outcome.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvalError {
    /// The function is not specialized, or not well-formed.
    #[error("the function is not well-formed: {}", .0.first().map_or(String::new(), |error| error.to_string()))]
    NotVerified(Vec<VerifyError>),
    /// The arguments are not what the function takes.
    #[error("{0}")]
    BadArguments(String),
    /// The call takes more steps than it was given.
    #[error("out of fuel")]
    OutOfFuel,
    /// A local is read before it is assigned.
    #[error("`{name}` is read before it is assigned")]
    ReadBeforeInit {
        /// Its name.
        name: String,
        /// Where it is declared.
        span: Span,
    },
    /// The step of a loop is 0.
    #[error("a loop with step 0")]
    ZeroStep,
    /// The evaluator disagrees with the verifier: a bug.
    #[error("not supported: {0}")]
    Unsupported(String),
}

/// Calls a specialized function. `fuel` limits the number of expressions and statements that are evaluated. After a
/// trap, `args` hold the stores that happened before it.
///
/// # Errors
///
/// If the function or the arguments are not in order, if `fuel` does not suffice, or if a local is read too early.
pub fn eval(func: &Function, args: &mut [Argument], fuel: u64) -> Result<Outcome, EvalError> {
    verify_specialized(func).map_err(EvalError::NotVerified)?;
    check_arguments(func, args)?;
    let mut locals = vec![None; func.locals.len()];
    for (local, arg) in locals.iter_mut().zip(&*args) {
        if let Argument::Scalar(value) = arg {
            *local = Some(value.clone());
        }
    }
    let mut evaluator = Evaluator {
        func,
        args,
        locals,
        fuel,
    };
    match evaluator.run_block(&func.body) {
        Ok(Flow::Return(value)) => Ok(Outcome::Return(value)),
        Ok(Flow::Next) if func.result == Ty::Unit => Ok(Outcome::Return(Value::Unit)),
        Ok(Flow::Next | Flow::Break(_) | Flow::Continue(_)) => {
            Err(unsupported("control left the function"))
        }
        Err(Stop::Trap(site, operands)) => Ok(Outcome::Trap { site, operands }),
        Err(Stop::Error(error)) => Err(error),
    }
}

fn check_arguments(func: &Function, args: &[Argument]) -> Result<(), EvalError> {
    if args.len() != func.params.len() {
        let message = format!(
            "expected {} arguments, found {}",
            func.params.len(),
            args.len()
        );
        return Err(EvalError::BadArguments(message));
    }
    for (&param, arg) in func.params.iter().zip(args) {
        let good = match (&func.locals[param].ty, arg) {
            (Ty::Slice { elem, .. }, Argument::Slice(values)) => {
                values.iter().all(|value| value.ty() == **elem)
            }
            (ty, Argument::Scalar(value)) => value.ty() == *ty,
            (_, Argument::Slice(_)) => false,
        };
        if !good {
            let name = &func.locals[param].name;
            let message = format!("the argument for `{name}` has another type");
            return Err(EvalError::BadArguments(message));
        }
    }
    Ok(())
}

fn unsupported(what: impl Into<String>) -> EvalError {
    EvalError::Unsupported(what.into())
}

/// Where control goes after a statement.
enum Flow {
    Next,
    Break(Label),
    Continue(Label),
    Return(Value),
}

/// Why evaluation stops in the middle.
enum Stop {
    Trap(SiteId, Vec<u128>),
    Error(EvalError),
}

impl From<EvalError> for Stop {
    fn from(error: EvalError) -> Self {
        Stop::Error(error)
    }
}

struct Evaluator<'a> {
    func: &'a Function,
    /// The parameters that are slices live here, at the parameter's position.
    args: &'a mut [Argument],
    /// All other locals; `None` before the first assignment.
    locals: Vec<Option<Value>>,
    fuel: u64,
}

impl<'a> Evaluator<'a> {
    fn burn(&mut self) -> Result<(), Stop> {
        self.fuel = self.fuel.checked_sub(1).ok_or(EvalError::OutOfFuel)?;
        Ok(())
    }

    fn run_block(&mut self, block: &Block) -> Result<Flow, Stop> {
        for stmt in &block.stmts {
            match self.run_stmt(&stmt.kind)? {
                Flow::Next => {}
                elsewhere => return Ok(elsewhere),
            }
        }
        Ok(Flow::Next)
    }

    fn run_stmt(&mut self, stmt: &StmtKind) -> Result<Flow, Stop> {
        self.burn()?;
        match stmt {
            StmtKind::Assign { place, value } => {
                let value = self.eval(*value)?;
                self.store(place, value)?;
                Ok(Flow::Next)
            }
            StmtKind::Eval(value) => {
                self.eval(*value)?;
                Ok(Flow::Next)
            }
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                let chosen = if self.eval_bool(*cond)? {
                    then
                } else {
                    otherwise
                };
                self.run_block(chosen)
            }
            StmtKind::For(for_loop) => self.run_for(for_loop),
            StmtKind::While { label, cond, body } => {
                while self.eval_bool(*cond)? {
                    self.burn()?;
                    if let Iteration::Leave(flow) = self.run_body(*label, body)? {
                        return Ok(flow);
                    }
                }
                Ok(Flow::Next)
            }
            StmtKind::Forever { label, body } => loop {
                self.burn()?;
                if let Iteration::Leave(flow) = self.run_body(*label, body)? {
                    return Ok(flow);
                }
            },
            StmtKind::Labeled { label, body } => match self.run_block(body)? {
                Flow::Break(to) if to == *label => Ok(Flow::Next),
                flow => Ok(flow),
            },
            StmtKind::Break(label) => Ok(Flow::Break(*label)),
            StmtKind::Continue(label) => Ok(Flow::Continue(*label)),
            StmtKind::Return(None) => Ok(Flow::Return(Value::Unit)),
            StmtKind::Return(Some(value)) => Ok(Flow::Return(self.eval(*value)?)),
            StmtKind::Trap { site, operands } => {
                let mut values = Vec::with_capacity(operands.len());
                for &operand in operands {
                    values.push(self.eval_scalar(operand)?.bits);
                }
                Err(Stop::Trap(*site, values))
            }
            StmtKind::Call { .. } | StmtKind::HostCall { .. } => Err(unsupported("a call").into()),
        }
    }

    /// One iteration of the loop with this label.
    fn run_body(&mut self, label: Label, body: &Block) -> Result<Iteration, Stop> {
        Ok(match self.run_block(body)? {
            Flow::Next => Iteration::Next,
            Flow::Continue(to) if to == label => Iteration::Next,
            Flow::Break(to) if to == label => Iteration::Leave(Flow::Next),
            flow => Iteration::Leave(flow),
        })
    }

    fn run_for(&mut self, for_loop: &Loop) -> Result<Flow, Stop> {
        let start = self.eval_scalar(for_loop.start)?;
        let end = self.eval_scalar(for_loop.end)?;
        let step = self.eval_scalar(for_loop.step)?.bits;
        if step == 0 {
            return Err(EvalError::ZeroStep.into());
        }
        let (first, behind) = (start.extended(), end.extended());
        let is_empty = if start.ty.is_signed_int() {
            (first as i128) > behind as i128
        } else {
            first > behind
        } || (!for_loop.inclusive && first == behind);
        if is_empty {
            return Ok(Flow::Next);
        }
        // The distance to the last value is below 2^128 for every type, and so is the number of the last iteration.
        let distance = behind.wrapping_sub(first) - u128::from(!for_loop.inclusive);
        let last = distance / step;
        let mut iteration = 0;
        loop {
            self.burn()?;
            let position = if for_loop.reversed {
                last - iteration
            } else {
                iteration
            };
            let value = first.wrapping_add(position * step);
            let value = Value::Scalar(Scalar::from_bits(start.ty, value));
            self.assign_local(for_loop.var, value)?;
            if let Iteration::Leave(flow) = self.run_body(for_loop.label, &for_loop.body)? {
                return Ok(flow);
            }
            if iteration == last {
                return Ok(Flow::Next);
            }
            iteration += 1;
        }
    }

    fn assign_local(&mut self, local: LocalId, value: Value) -> Result<(), Stop> {
        let slot = self.locals.get_mut(local.index());
        *slot.ok_or_else(|| unsupported("a local out of bounds"))? = Some(value);
        Ok(())
    }

    /// Evaluates and checks the index, if the place is an element of a slice.
    fn eval_index(&mut self, place: &Place) -> Result<Option<usize>, Stop> {
        let Some(Projection::Index { index, site }) = place.projections.first() else {
            return Ok(None);
        };
        let index = self.eval_scalar(*index)?.bits;
        let len = self.len_of(place.local)? as u128;
        if index >= len {
            return Err(match site {
                Some(site) => Stop::Trap(*site, vec![index, len]),
                None => unsupported("an index without a site is out of bounds").into(),
            });
        }
        Ok(Some(index as usize))
    }

    fn len_of(&self, local: LocalId) -> Result<usize, Stop> {
        match self.args.get(local.index()) {
            Some(Argument::Slice(values)) => Ok(values.len()),
            Some(Argument::Scalar(_)) | None => Err(unsupported("not a slice").into()),
        }
    }

    /// The value at a place, for reading and writing; `index` is that of the first projection, if it is one.
    fn resolve(&mut self, place: &Place, index: Option<usize>) -> Result<&mut Value, Stop> {
        let func = self.func;
        let (mut value, fields) = match index {
            Some(index) => match self.args.get_mut(place.local.index()) {
                Some(Argument::Slice(values)) => {
                    (values.get_mut(index), place.projections.get(1..))
                }
                Some(Argument::Scalar(_)) | None => (None, None),
            },
            None => match self.locals.get_mut(place.local.index()) {
                Some(Some(value)) => (Some(value), Some(&place.projections[..])),
                Some(None) | None => {
                    let local = &func.locals[place.local];
                    return Err(Stop::Error(EvalError::ReadBeforeInit {
                        name: local.name.clone(),
                        span: local.span,
                    }));
                }
            },
        };
        for projection in fields.unwrap_or_default() {
            value = match (projection, value) {
                (Projection::Field(field), Some(Value::Tuple(elems))) => {
                    elems.get_mut(*field as usize)
                }
                _ => None,
            };
        }
        value.ok_or_else(|| unsupported("a place that does not exist").into())
    }

    fn load(&mut self, place: &Place) -> Result<Value, Stop> {
        let index = self.eval_index(place)?;
        Ok(self.resolve(place, index)?.clone())
    }

    fn store(&mut self, place: &Place, value: Value) -> Result<(), Stop> {
        if place.projections.is_empty() {
            return self.assign_local(place.local, value);
        }
        let index = self.eval_index(place)?;
        *self.resolve(place, index)? = value;
        Ok(())
    }

    fn eval_scalar(&mut self, id: ExprId) -> Result<Scalar, Stop> {
        let value = self.eval(id)?;
        Ok(value
            .as_scalar()
            .ok_or_else(|| unsupported("an operand that is no scalar"))?)
    }

    fn eval_bool(&mut self, id: ExprId) -> Result<bool, Stop> {
        Ok(self.eval_scalar(id)?.bits != 0)
    }

    fn scalar_ty(&self, id: ExprId) -> Result<ScalarTy, Stop> {
        let ty = self.func.exprs[id].ty.as_scalar();
        Ok(ty.ok_or_else(|| unsupported("an expression that is no scalar"))?)
    }

    fn eval(&mut self, id: ExprId) -> Result<Value, Stop> {
        self.burn()?;
        let func = self.func;
        match &func.exprs[id].kind {
            ExprKind::Const(value) => self.eval_const(id, *value),
            ExprKind::Named(_) | ExprKind::DebugAssertions => {
                Err(unsupported("a constant that is not specialized").into())
            }
            ExprKind::Load(place) => self.load(place),
            ExprKind::Len(place) => Ok(Value::Scalar(Scalar {
                ty: ScalarTy::Usize,
                bits: self.len_of(place.local)? as u128,
            })),
            ExprKind::Unary { op, operand, site } => {
                let operand = self.eval_scalar(*operand)?;
                let result = ops::unary(*op, operand, site.is_some());
                finish(result.map(Value::Scalar), *site, &[operand])
            }
            ExprKind::Binary { op, lhs, rhs, site } => {
                let lhs = self.eval_scalar(*lhs)?;
                let rhs = self.eval_scalar(*rhs)?;
                let result = ops::binary(*op, lhs, rhs, site.is_some());
                finish(result.map(Value::Scalar), *site, &[lhs, rhs])
            }
            ExprKind::ShortCircuit { or, lhs, rhs } => {
                let lhs = self.eval_bool(*lhs)?;
                if lhs == *or {
                    Ok(Value::from(lhs))
                } else {
                    self.eval(*rhs)
                }
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                let chosen = if self.eval_bool(*cond)? {
                    *then
                } else {
                    *otherwise
                };
                self.eval(chosen)
            }
            ExprKind::Cast { operand } => {
                let operand = self.eval_scalar(*operand)?;
                Ok(Value::Scalar(ops::cast(operand, self.scalar_ty(id)?)))
            }
            ExprKind::NumCast { operand, site } => {
                let operand = self.eval_scalar(*operand)?;
                match ops::num_cast(operand, self.scalar_ty(id)?) {
                    Some(value) => Ok(Value::Scalar(value)),
                    None => Err(Stop::Trap(*site, vec![operand.bits])),
                }
            }
            ExprKind::NumCastFits { operand, target } => {
                let operand = self.eval_scalar(*operand)?;
                let target = target
                    .as_scalar()
                    .ok_or_else(|| unsupported("a conversion to something not scalar"))?;
                Ok(Value::from(ops::num_cast(operand, target).is_some()))
            }
            ExprKind::Call {
                intrinsic,
                args,
                site,
            } => {
                let mut values = Vec::with_capacity(args.len());
                for &arg in args {
                    values.push(self.eval_scalar(arg)?);
                }
                let ty = match values.first() {
                    Some(receiver) if intrinsic.receiver_is_self() => receiver.ty,
                    Some(_) | None => self.scalar_ty(id)?,
                };
                let result = intrinsics::call(*intrinsic, ty, &values, site.is_some());
                finish(result, *site, &values)
            }
            ExprKind::Borrow(_)
            | ExprKind::SubSlice { .. }
            | ExprKind::Table(_)
            | ExprKind::Array(_)
            | ExprKind::Repeat(_)
            | ExprKind::Struct(_)
            | ExprKind::Zeroed => Err(unsupported("references and aggregates").into()),
            ExprKind::Tuple(elems) => {
                let values: Result<_, _> = elems.iter().map(|&elem| self.eval(elem)).collect();
                Ok(Value::Tuple(values?))
            }
        }
    }

    fn eval_const(&self, id: ExprId, value: ConstValue) -> Result<Value, Stop> {
        let scalar = Scalar::from_const(self.scalar_ty(id)?, value);
        Ok(Value::Scalar(scalar.ok_or_else(|| {
            unsupported("a constant of another type")
        })?))
    }
}

/// What a loop does after an iteration.
enum Iteration {
    Next,
    Leave(Flow),
}

/// The value of an operation, or its trap.
fn finish(
    result: Result<Value, NoValue>,
    site: Option<SiteId>,
    operands: &[Scalar],
) -> Result<Value, Stop> {
    match (result, site) {
        (Ok(value), _) => Ok(value),
        (Err(NoValue::Trap), Some(site)) => Err(Stop::Trap(
            site,
            operands.iter().map(|operand| operand.bits).collect(),
        )),
        (Err(NoValue::Trap), None) => Err(unsupported("a trap without a site").into()),
        (Err(NoValue::Missing), _) => Err(unsupported("an operation that the type lacks").into()),
    }
}
