//! The function or closure whose body is being lowered.
//!
//! Mostly it is the function that the IR is for. A closure is lowered where it is called, and so are a function inside of a function and a
//! function that takes closures: their bodies become part of the caller, with names, types and a `return` of their own.

use super::binding::Scope;
use super::infer::ITy;
use super::local_fns::Items;
use super::program::Linkage;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, Place};
use crate::func::LocalId;
use crate::hir::{self, Span};
use crate::instance::Instance;

use crate::stmt::{Block, Label, StmtKind};

/// An instance, by its number among all.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) instances: &'a [Instance],
    pub(super) number: u32,
    /// What the program has so far.
    pub(super) linkage: &'a Linkage,
}

impl<'a> Context<'a> {
    pub(super) fn instance(self) -> &'a Instance {
        &self.instances[self.number as usize]
    }

    /// Another one of the instances.
    pub(super) fn get(self, number: usize) -> Option<Context<'a>> {
        self.instances.get(number)?;
        Some(Context {
            number: u32::try_from(number).ok()?,
            ..self
        })
    }
}

/// What names, types and `return` mean in a body.
#[derive(Clone)]
pub(super) struct Body<'a> {
    /// The function that contains it.
    pub(super) item: &'a hir::Function,
    /// What is known of that function; nothing while the crate is built.
    pub(super) context: Option<Context<'a>>,
    /// The items of the blocks around the current statement.
    pub(super) items: Items,
    /// What the names of type parameters mean.
    pub(super) type_params: Vec<(String, ITy)>,
    /// The type of the body's value.
    pub(super) result: ITy,
    /// Where `return` leads. `None`: out of the function that the IR is for.
    pub(super) exit: Option<Exit>,
    /// How many bodies this one is inside of.
    pub(super) depth: usize,
}

/// Where the `return`s of a body lead that is part of another one.
#[derive(Clone)]
pub(super) struct Exit {
    label: Label,
    /// Where the value goes.
    result: Option<LocalId>,
    /// Whether there is a `return`.
    taken: bool,
}

impl<'a> Body<'a> {
    pub(super) fn of(item: &'a hir::Function, context: Option<Context<'a>>) -> Self {
        Body {
            item,
            context,
            items: Items::default(),
            type_params: Vec::new(),
            result: ITy::Unit,
            exit: None,
            depth: 0,
        }
    }

    /// The number of the instance that contains the body.
    pub(super) fn number(&self) -> u32 {
        self.context.map_or(0, |context| context.number)
    }
}

impl<'a> Lowering<'a> {
    /// Runs in another body, in these scopes.
    pub(super) fn in_body<R>(
        &mut self,
        body: Body<'a>,
        scopes: Vec<Scope>,
        run: impl FnOnce(&mut Self) -> R,
    ) -> (R, Body<'a>) {
        let outer_body = std::mem::replace(&mut self.current, body);
        let outer_scopes = std::mem::replace(&mut self.scopes, scopes);
        self.diags.origin = self.current.number();
        let result = run(self);
        self.scopes = outer_scopes;
        self.diags.origin = outer_body.number();
        (result, std::mem::replace(&mut self.current, outer_body))
    }

    /// Lowers a body as a part of the current one: `lower` gives its value, of the type [`Body::result`].
    pub(super) fn lower_inline(
        &mut self,
        mut body: Body<'a>,
        scopes: Vec<Scope>,
        span: Span,
        lower: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let label = self.new_label();
        body.exit = Some(Exit {
            label,
            result: None,
            taken: false,
        });
        body.depth = self.current.depth + 1;
        let ((value, mut stmts), body) = self.in_body(body, scopes, |this| this.in_frame(lower));
        let Some(Exit {
            result,
            taken: true,
            ..
        }) = body.exit
        else {
            self.emit_all(stmts);
            return value;
        };
        let value = match (value, result) {
            (Value::Expr(value), Some(temp)) => {
                stmts = self.with_result(stmts, temp, value).stmts;
                Value::Expr(self.load_local(temp, span))
            }
            (Value::Never, Some(temp)) => Value::Expr(self.load_local(temp, span)),
            (Value::Expr(value), None) => {
                // Only in code with problems: values and none do not mix.
                let ((), dropped) = self.in_frame(|this| this.drop_value(value));
                stmts.extend(dropped);
                Value::Unit
            }
            (Value::Unit | Value::Never, _) => Value::Unit,
        };
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label, body }, span);
        value
    }

    /// `return value`.
    pub(super) fn emit_return(&mut self, value: Option<ExprId>, span: Span) {
        let Some(mut exit) = self.current.exit.clone() else {
            self.emit(StmtKind::Return(value), span);
            return;
        };
        if let Some(value) = value {
            let temp = match exit.result {
                Some(temp) => temp,
                None => {
                    let ty = self.current.result.clone();
                    self.push_temp(ty, true, span)
                }
            };
            exit.result = Some(temp);
            let place = Place::local(temp);
            self.emit(StmtKind::Assign { place, value }, span);
        }
        exit.taken = true;
        self.emit(StmtKind::Break(exit.label), span);
        self.current.exit = Some(exit);
    }
}
