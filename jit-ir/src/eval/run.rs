//! Statements and calls.

use super::{EvalError, Evaluator, Flow, Frame, MAX_NESTING, Scalar, Stop, Value, unsupported};
use crate::expr::{ExprId, Place};
use crate::func::HostTy;
use crate::stmt::{Block, Label, Loop, StmtKind};
use crate::ty::Ty;

impl Evaluator<'_> {
    pub(super) fn run_block(&mut self, block: &Block) -> Result<Flow, Stop> {
        if self.nesting >= MAX_NESTING {
            return Err(EvalError::TooDeep.into());
        }
        self.nesting += 1;
        let mut flow = Ok(Flow::Next);
        for stmt in &block.stmts {
            flow = self.run_stmt(&stmt.kind);
            if !matches!(flow, Ok(Flow::Next)) {
                break;
            }
        }
        self.nesting -= 1;
        flow
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
                if self.frame.func.advice(*value).is_none() {
                    self.eval(*value)?;
                }
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
                let values = self.eval_scalars(operands)?;
                Err(self.trap(Some(*site), &values))
            }
            StmtKind::Call {
                function,
                args,
                result,
            } => self.run_call(*function as usize, args, result.as_ref()),
            StmtKind::HostCall { host, args, result } => {
                self.run_host_call(*host as usize, args, result.as_ref())
            }
            StmtKind::Parallel(parallel) => self.run_parallel(parallel),
        }
    }

    // What recurses is kept small, for the stack: calls have functions of their own.
    fn run_call(
        &mut self,
        function: usize,
        args: &[ExprId],
        result: Option<&Place>,
    ) -> Result<Flow, Stop> {
        let args = self.eval_all(args)?;
        let value = self.call(function, args)?;
        self.store_result(result, value)
    }

    fn run_host_call(
        &mut self,
        host: usize,
        args: &[ExprId],
        result: Option<&Place>,
    ) -> Result<Flow, Stop> {
        let called = self.hosts.get(host);
        let called = called.ok_or_else(|| unsupported("no such host function"))?;
        // What such a function does to memory only the function itself could tell.
        let is_scalar = |ty: &HostTy| matches!(ty, HostTy::Scalar(_));
        if !(called.params.iter().chain(&called.result)).all(is_scalar) {
            return Err(unsupported("a host function of other than scalars").into());
        }
        let args = self.eval_scalars(args)?;
        let value = (self.call_host)(called, &args).ok_or(Stop::HostPanicked)?;
        let expected =
            (called.result).map_or(Ty::Unit, |ty| ty.as_scalar().map_or(Ty::Unit, Ty::Scalar));
        if value.ty() != expected {
            let message = format!("`{}` has returned another type", called.name);
            return Err(EvalError::BadArguments(message).into());
        }
        self.store_result(result, value)
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
            self.write(&self.local(for_loop.var), value)?;
            if let Iteration::Leave(flow) = self.run_body(for_loop.label, &for_loop.body)? {
                return Ok(flow);
            }
            if iteration == last {
                return Ok(Flow::Next);
            }
            iteration += 1;
        }
    }

    pub(super) fn store_result(
        &mut self,
        place: Option<&Place>,
        value: Value,
    ) -> Result<Flow, Stop> {
        if let Some(place) = place {
            self.store(place, value)?;
        }
        Ok(Flow::Next)
    }

    /// Runs a function of the program in a frame of its own, which is gone when it returns.
    pub(super) fn call(&mut self, function: usize, args: Vec<Value>) -> Result<Value, Stop> {
        self.burn()?;
        let functions = self.functions;
        let func = functions.get(function);
        let func = func.ok_or_else(|| unsupported("no such function"))?;
        let frame = Frame {
            func,
            function,
            base: self.objects.len(),
        };
        let caller = std::mem::replace(&mut self.frame, frame);
        self.objects.extend(args.into_iter().map(Some));
        self.objects
            .resize(self.frame.base + func.locals.len(), None);
        let flow = self.run_block(&func.body);
        self.objects.truncate(self.frame.base);
        self.frame = caller;
        match flow? {
            Flow::Return(value) => Ok(value),
            Flow::Next if func.result == Ty::Unit => Ok(Value::Unit),
            Flow::Next | Flow::Break(_) | Flow::Continue(_) => {
                Err(unsupported("control left the function").into())
            }
        }
    }
}

/// What a loop does after an iteration.
enum Iteration {
    Next,
    Leave(Flow),
}
