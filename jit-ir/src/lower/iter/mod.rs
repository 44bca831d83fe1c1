//! Iterators: pipelines that become loops where they are consumed.
//!
//! An iterator is a description ([`Iter`]); lowering one emits no loop. There are three ways to run it. *Indexed* pipelines (slices and
//! ranges with adaptors that keep their length and their order of evaluation) are one counted loop, whose body computes the item of an
//! index ([`index`]), or, over arrays of several dimensions, a loop for each dimension ([`nested`]). Others are *driven*: the loop of the source around the conditions of the adaptors around the body of the consumer
//! ([`drive`]). Where items are asked for one at a time, by `next` or as the second part of a `zip`, the iterator has its state in variables, and
//! an item is *pulled* ([`pull`]).

mod adapt;
mod compare;
mod consume;
mod drive;
mod for_loop;
mod index;
mod nested;
mod peek;
mod pull;
mod runs;
mod search;
mod slot;
mod source;
mod state;
mod tries;

pub(super) use state::Copies;

use super::externs::{IterMade, Question};
use super::infer::{ITy, Unknown};
use super::state::{Lowering, Value};
use super::views::Items;
use crate::expr::ExprId;
use crate::func::LocalId;
use crate::hir::{self, Span};

/// The number of an iterator among [`super::state::Lowering::iters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IterId(pub(super) usize);

/// An iterator or a range. All expressions are stable, so that they can be copied wherever they are needed. Where there is a local, it is the
/// state of an iterator that items are pulled from; without one, the loop has a variable of its own.
#[derive(Clone, Debug)]
pub(super) enum Iter {
    Range(Range),
    /// The elements of a slice or an array.
    Elements {
        /// Of a slice type, or a reference to an array.
        whole: ExprId,
        elem: ITy,
        by: By,
    },
    /// Elements or parts of an array of ndarray.
    Array(Items),
    /// Parts of a slice.
    Parts {
        whole: ExprId,
        elem: ITy,
        mutable: bool,
        /// Not 0.
        size: ExprId,
        kind: Parts,
    },
    /// Items from `start` to `end` of another, which is indexed.
    Part {
        of: IterId,
        start: ExprId,
        end: ExprId,
    },
    /// The state of an indexed iterator: the index of the next item, and of behind the last.
    Cursor {
        of: IterId,
        front: LocalId,
        back: LocalId,
    },
    /// Another one, which keeps its state.
    ByRef(IterId),
    /// Only rustc knows what it is.
    Opaque(ITy),
    Empty(ITy),
    Once(ExprId),
    Repeat(ExprId),
    /// What a closure gives, each time that it is called.
    RepeatWith(ExprId),
    FromFn(ExprId),
    Successors {
        /// The next item, and whether there is one.
        state: slot::OptionSlot,
        step: ExprId,
    },
    Zip(IterId, IterId),
    /// With whether the first has ended.
    Chain(IterId, IterId, Option<LocalId>),
    /// With the next number.
    Enumerate(IterId, Option<LocalId>),
    Map(IterId, ExprId),
    Filter(IterId, ExprId),
    FilterMap(IterId, ExprId),
    Inspect(IterId, ExprId),
    /// With whether it has ended.
    TakeWhile(IterId, ExprId, Option<LocalId>),
    /// With whether it has begun.
    SkipWhile(IterId, ExprId, Option<LocalId>),
    MapWhile(IterId, ExprId),
    /// The state of `scan` lives as long as the iterator.
    Scan(IterId, LocalId, ExprId),
    FlatMap(IterId, ExprId),
    Flatten(IterId),
    /// `copied` and `cloned`.
    Copied(IterId),
    Rev(IterId),
    /// With how many are still to be skipped.
    Skip(IterId, ExprId, Option<LocalId>),
    /// With how many are still to come.
    Take(IterId, ExprId, Option<LocalId>),
    /// With how many are to be skipped before the next; the step is not 0.
    StepBy(IterId, ExprId, Option<LocalId>),
    Peekable {
        /// It has state.
        of: IterId,
        /// Whether the next item has been looked for.
        known: LocalId,
        next: slot::OptionSlot,
    },
    Cycle {
        of: IterId,
        /// If items are asked for: the variables that `of` began with, and those that it has.
        state: Option<state::Copies>,
    },
    /// Parts of a slice whose ends a closure finds.
    Runs {
        whole: ExprId,
        elem: ITy,
        f: ExprId,
        kind: runs::RunKind,
        /// Where the next part begins, and whether there is none.
        state: Option<(LocalId, LocalId)>,
    },
}

/// `start..end`, `start..=end`, `start..` and so on; as an iterator, it has a start.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) start: Option<ExprId>,
    pub(super) end: Option<ExprId>,
    pub(super) inclusive: bool,
    pub(super) ty: ITy,
    pub(super) span: Span,
}

/// What the items of a sequence of elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Ref,
    Mut,
    Value,
}

/// How parts are made of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    Windows,
    Chunks,
    ChunksExact,
    RChunks,
    RChunksExact,
}

/// Methods that make an iterator of a slice or an array.
const SOURCES: &[&str] = &[
    "iter",
    "iter_mut",
    "into_iter",
    "windows",
    "chunks",
    "chunks_mut",
    "chunks_exact",
    "chunks_exact_mut",
    "rchunks",
    "rchunks_mut",
    "rchunks_exact",
    "rchunks_exact_mut",
];

/// Methods that make an iterator of an iterator.
const ADAPTORS: &[&str] = &[
    "into_iter",
    "par",
    "by_ref",
    "clone",
    "zip",
    "chain",
    "enumerate",
    "map",
    "filter",
    "filter_map",
    "inspect",
    "take_while",
    "skip_while",
    "map_while",
    "scan",
    "flat_map",
    "flatten",
    "copied",
    "cloned",
    "rev",
    "skip",
    "take",
    "step_by",
    "fuse",
    "peekable",
    "cycle",
];

/// Whether a method makes an iterator of a slice or an array, by its name.
fn is_source(call: &hir::ExprMethodCall) -> bool {
    SOURCES.contains(&call.method.name.as_str()) || runs::is_runs(call)
}

/// Whether a method of `Iterator` borrows it, so that one of the user's that takes it by value would come before.
fn is_borrowing(name: &str) -> bool {
    matches!(
        name,
        "next"
            | "next_back"
            | "nth"
            | "nth_back"
            | "all"
            | "any"
            | "find"
            | "find_map"
            | "position"
            | "rposition"
            | "try_fold"
            | "try_rfold"
            | "try_for_each"
            | "by_ref"
    )
}

impl Lowering<'_> {
    pub(super) fn push_iter(&mut self, iter: Iter, span: Span) -> ExprId {
        let id = self.new_iter(iter, span);
        self.placeholder(ITy::Iter(id), span)
    }

    fn new_iter(&mut self, iter: Iter, span: Span) -> IterId {
        self.iters.push((iter, span));
        IterId(self.iters.len() - 1)
    }

    fn iter(&self, id: IterId) -> Iter {
        self.iters[id.0].0.clone()
    }

    /// The node that made it: of the method's name, if it was a method.
    fn iter_span(&self, id: IterId) -> Span {
        self.iters[id.0].1
    }

    /// What a caller passes for a parameter that is an iterator.
    pub(super) fn opaque_iter(
        &mut self,
        bound: &hir::Path,
        written: &hir::Type,
        span: Span,
    ) -> ExprId {
        let item = self.item_of_bound(bound);
        self.has_unknown = true;
        if let hir::Type::Reference(_) = written {
            let id = self.new_iter(Iter::Opaque(item), span);
            return self.push_iter(Iter::ByRef(id), span);
        }
        self.push_iter(Iter::Opaque(item), span)
    }

    /// `&mut it` as an argument.
    pub(super) fn borrowed_iter(&mut self, expr: &hir::Expr) -> ExprId {
        match self.lower_borrowed_iter(expr) {
            Some(id) => self.placeholder(ITy::Iter(id), expr.span()),
            None => self.poison(expr.span()),
        }
    }

    /// The type of an iterator that is passed to something unknown, for rustc. What closures there are in it is looked at, since nothing else
    /// runs it.
    pub(super) fn witnessed_iter(&mut self, id: IterId, span: Span) -> ITy {
        if let Iter::ByRef(of) = self.iter(id) {
            let to = Box::new(self.witnessed_iter(of, span));
            return ITy::Ref { to, mutable: true };
        }
        let mut item = ITy::REPORTED;
        self.in_frame(|this| {
            let exit = this.new_label();
            this.drive(id, false, exit, false, span, &mut |this, value| {
                if let Value::Expr(value) = value {
                    item = this.ty_of(value);
                    this.drop_value(value);
                }
            });
        });
        let (made, item) = match self.iter(id) {
            Iter::Elements { elem, by, .. } if by != By::Value => match by == By::Mut {
                false => (IterMade::Elements, elem),
                true => (IterMade::ElementsMut, elem),
            },
            Iter::Copied(of) if matches!(self.iter(of), Iter::Elements { by: By::Ref, .. }) => {
                (IterMade::Copied, item)
            }
            Iter::Range(range) => match (range.end.is_some(), range.inclusive) {
                (true, false) => (IterMade::Range, range.ty),
                (true, true) => (IterMade::RangeInclusive, range.ty),
                (false, _) => (IterMade::RangeFrom, range.ty),
            },
            _ => (IterMade::Other, item),
        };
        self.infer.unknown(Unknown::Iter(made, item))
    }

    /// What an iterator over an array gives, if it is one without adaptors.
    pub(super) fn items_of(&self, id: IterId) -> Option<Items> {
        match self.iter(id) {
            Iter::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The iterator that an expression stands for, by its type.
    pub(super) fn iter_of(&self, expr: ExprId) -> Option<IterId> {
        match self.infer.shallow(&self.ty_of(expr)) {
            ITy::Iter(id) => Some(id),
            _ => None,
        }
    }

    /// Whether an expression is an iterator or a range, by its syntax and the types of its variables.
    pub(super) fn is_iter_expr(&self, expr: &hir::Expr) -> bool {
        match expr {
            hir::Expr::Paren(inner) => self.is_iter_expr(&inner.expr),
            hir::Expr::Group(inner) => self.is_iter_expr(&inner.expr),
            hir::Expr::Reference(inner) => self.is_iter_expr(&inner.expr),
            hir::Expr::Range(_) => true,
            hir::Expr::Path(path) => self.iter_named(&path.path).is_some(),
            hir::Expr::MethodCall(call) => {
                let name = call.method.name.as_str();
                is_source(call)
                    || self.is_array_source(call)
                    || ADAPTORS.contains(&name) && self.is_iter_expr(&call.receiver)
            }
            hir::Expr::Call(call) => match super::prange::prange_call(call) {
                Some((_, range)) => self.is_iter_expr(range),
                None => source::free_source(call).is_some(),
            },
            _ => false,
        }
    }

    /// The iterator that a name means.
    pub(super) fn iter_named(&self, path: &hir::Path) -> Option<IterId> {
        match self.lookup_binding(path.get_ident()?)? {
            super::binding::Binding::Alias(value) => self.iter_of(value),
            super::binding::Binding::Local(_) => None,
        }
    }

    /// A method of an iterator, or one that makes an iterator. `None`: it is something else.
    pub(super) fn lower_iter_method(&mut self, call: &hir::ExprMethodCall) -> Option<Value> {
        if self.is_iter_expr(&call.receiver) {
            return Some(self.lower_method_of_iter(call));
        }
        if is_source(call) {
            return Some(Value::Expr(self.lower_source(call)));
        }
        if self.is_array_source(call) {
            let iter = match self.array_source(call) {
                Some(items) => self.push_iter(Iter::Array(items), call.method.span()),
                None => self.push_iter(Iter::Opaque(ITy::REPORTED), call.method.span()),
            };
            return Some(Value::Expr(iter));
        }
        None
    }

    /// A method on an expression that is an iterator or range.
    fn lower_method_of_iter(&mut self, call: &hir::ExprMethodCall) -> Value {
        let span = call.span();
        let name = call.method.name.as_str();
        // What borrows the iterator leaves its state behind.
        let borrows = matches!(
            name,
            "next"
                | "next_back"
                | "nth"
                | "nth_back"
                | "peek"
                | "peek_mut"
                | "next_if"
                | "next_if_eq"
                | "try_rfold"
                | "all"
                | "any"
                | "find"
                | "find_map"
                | "position"
                | "rposition"
                | "try_fold"
                | "try_for_each"
                | "by_ref"
                | "clone"
                | "len"
                | "is_empty"
                | "contains"
                | "remainder"
                | "into_remainder"
                | "as_slice"
        );
        let id = if borrows {
            self.lower_borrowed_iter(&call.receiver)
        } else {
            self.lower_iter(&call.receiver)
        };
        let Some(id) = id else {
            for arg in &call.args {
                self.look_at(arg);
            }
            return Value::Expr(self.poison(span));
        };
        let is_by_ref = matches!(self.iter(id), Iter::ByRef(_));
        if is_borrowing(name) && self.context_is_open() && !is_by_ref && !self.feeds_views(id) {
            let item = self.item_ty(id, span);
            let receiver = self.infer.unknown(Unknown::Iter(IterMade::Other, item));
            let n_args = call.args.len();
            self.ask(call.method.span(), Question::Borrows { receiver, n_args });
        }
        self.lower_method_on_iter(id, call)
    }

    /// A method on an iterator.
    pub(super) fn lower_method_on_iter(&mut self, id: IterId, call: &hir::ExprMethodCall) -> Value {
        if let Some(value) = self.lower_peek(id, call) {
            return Value::Expr(value);
        }
        if let Some(iter) = self.lower_adaptor(id, call) {
            return Value::Expr(iter);
        }
        self.lower_consumer(id, call)
    }

    /// The iterator that an expression is; the variable that it names, if any, is moved from.
    pub(super) fn lower_iter(&mut self, expr: &hir::Expr) -> Option<IterId> {
        let id = self.lower_borrowed_iter(expr)?;
        Some(self.own(id))
    }

    /// The same, with the state of the variable.
    fn lower_borrowed_iter(&mut self, expr: &hir::Expr) -> Option<IterId> {
        match expr {
            hir::Expr::Paren(inner) => self.lower_borrowed_iter(&inner.expr),
            hir::Expr::Group(inner) => self.lower_borrowed_iter(&inner.expr),
            hir::Expr::Reference(inner) if self.is_iter_expr(&inner.expr) => {
                let id = self.lower_borrowed_iter(&inner.expr)?;
                Some(self.new_iter(Iter::ByRef(id), inner.span()))
            }
            hir::Expr::Path(path) => match self.iter_named(&path.path) {
                Some(id) => Some(id),
                None => self.lower_iter_operand(expr),
            },
            _ => self.lower_iter_operand(expr),
        }
    }

    fn lower_iter_operand(&mut self, expr: &hir::Expr) -> Option<IterId> {
        let value = self.lower_operand(expr);
        self.iterate_value(value)
    }

    /// An iterator that was moved: its state becomes the values that it has now.
    fn own(&mut self, id: IterId) -> IterId {
        let Iter::Cursor { of, front, back } = self.iter(id) else {
            return id;
        };
        let span = self.local_spans[front.index()];
        let start = self.load_local(front, span);
        let start = self.evaluate(start);
        let end = self.load_local(back, span);
        let end = self.evaluate(end);
        self.new_iter(Iter::Part { of, start, end }, self.iter_span(of))
    }

    /// The bounds of a range that is used as an index: a part of a slice.
    pub(super) fn lower_range_index(
        &mut self,
        index: &hir::Expr,
    ) -> Option<(Option<ExprId>, Option<ExprId>, bool)> {
        if !self.is_iter_expr(index) {
            return None;
        }
        let id = self.lower_iter(index)?;
        let Iter::Range(range) = self.iter(id) else {
            return None;
        };
        let start = range.start.map(|start| self.copy_stable(start));
        let end = range.end.map(|end| self.copy_stable(end));
        Some((start, end, range.inclusive))
    }

    /// Lowers something that cannot be used, for its problems and for the names in it.
    pub(super) fn look_at(&mut self, expr: &hir::Expr) {
        self.in_frame(|this| {
            let value = match expr {
                hir::Expr::Closure(closure) => {
                    let args: Vec<_> = (closure.inputs.iter())
                        .map(|input| this.poison(input.span()))
                        .collect();
                    let callee = this.lower_closure(closure);
                    this.call_value(callee, args, closure.span())
                }
                other if this.is_iter_expr(other) => match this.lower_iter(other) {
                    Some(_) => Value::Unit,
                    None => Value::Unit,
                },
                other => this.lower_expr(other),
            };
            if let Value::Expr(value) = value {
                this.drop_value(value);
            }
        });
    }
}
