//! The verifier: what every later stage may rely on. One `check_*` function for each invariant:
//!
//! - `check_handles`: every handle is in bounds, and every type parameter exists.
//! - `check_depth`: blocks and types nest at most as deep as [`crate::walk`] says; `check_trees` says the same of
//!   expressions.
//! - `check_trees`: each expression is used at most once, and none is part of itself.
//! - `check_signature`: the first locals are the parameters; parameters, locals and the result have types they may
//!   have.
//! - `check_exprs` (`types.rs`): the type of every expression agrees with its operands as its variant says.
//! - `check_place` (`types.rs`): every projection of a place applies; indices are `usize`; no slice is loaded as a
//!   whole.
//! - `check_sites` (`sites.rs`): a site is of the kind of what traps there, and what traps in every profile has one.
//!   In specialized functions what cannot trap has none.
//! - `check_stores` (`flow.rs`): stores go through mutable slices; a parameter that is stored to is mutable; a part is
//!   stored only to mutable locals.
//! - `check_loops` (`flow.rs`): what [`crate::Loop`] says; the variable is read only inside its loop.
//! - `check_labels` (`flow.rs`): labels are unique; `break` and `continue` name what is around them, `continue` a loop.
//! - `check_returns` (`flow.rs`): the returned value has the result's type, and the end is reached only without a
//!   result.
//!
//! Not checked: that locals are assigned before they are read. rustc has checked that, and reading one early is not
//! undefined behaviour in any later stage.

mod flow;
mod sites;
#[cfg(test)]
mod tests;
mod types;

use std::fmt;

use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::span::Span;
use crate::stmt::StmtKind;
use crate::ty::Ty;
use crate::walk::{MAX_BLOCK_DEPTH, MAX_EXPR_DEPTH, MAX_TYPE_DEPTH, expr_depth_within};

/// Which invariant does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Handles are in bounds.
    Handles,
    /// Nesting is limited.
    Depth,
    /// Expressions form trees.
    Trees,
    /// Parameters, locals and result have types that they may have.
    Signature,
    /// Types of expressions and statements agree.
    Types,
    /// Places exist.
    Places,
    /// Trap sites are where they belong.
    Sites,
    /// Only what is mutable is stored to.
    Stores,
    /// Loops keep their invariants.
    Loops,
    /// Labels are unique and in scope.
    Labels,
    /// Every path returns what the function returns.
    Returns,
    /// A specialized function has nothing generic left.
    Specialized,
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Which one.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// Where; of the statement, where that is all that is known.
    pub span: Span,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.span != Span::UNKNOWN {
            write!(f, "{}:{}: ", self.span.line, self.span.column)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Checks every invariant of a function, generic or specialized. A type parameter is taken to have every operation.
///
/// # Errors
///
/// What does not hold. Checks that rely on others are left out if those fail.
pub fn verify(func: &Function) -> Result<(), Vec<VerifyError>> {
    Verifier::run(func, false)
}

/// Checks every invariant of a specialized function: those of [`verify`], and that nothing generic is left, and that
/// sites are only where something may trap.
///
/// # Errors
///
/// What does not hold. Checks that rely on others are left out if those fail.
pub fn verify_specialized(func: &Function) -> Result<(), Vec<VerifyError>> {
    Verifier::run(func, true)
}

struct Verifier<'a> {
    func: &'a Function,
    specialized: bool,
    errors: Vec<VerifyError>,
}

impl<'a> Verifier<'a> {
    fn run(func: &'a Function, specialized: bool) -> Result<(), Vec<VerifyError>> {
        let mut verifier = Verifier {
            func,
            specialized,
            errors: Vec::new(),
        };
        // Each of these makes the following safe to run.
        verifier.check_depth();
        verifier.finish()?;
        verifier.check_handles();
        verifier.finish()?;
        verifier.check_trees();
        verifier.check_signature();
        verifier.check_exprs();
        verifier.check_sites();
        verifier.check_stmts();
        if specialized {
            verifier.check_specialized();
        }
        verifier.finish()
    }

    fn finish(&mut self) -> Result<(), Vec<VerifyError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.errors))
        }
    }

    fn error(&mut self, rule: Rule, span: Span, message: impl Into<String>) {
        self.errors.push(VerifyError {
            rule,
            message: message.into(),
            span,
        });
    }

    /// All types that occur, with where.
    fn types(&self) -> impl Iterator<Item = (&'a Ty, Span)> + use<'a> {
        let func = self.func;
        let locals = func.locals.iter().map(|(_, local)| (&local.ty, local.span));
        let exprs = func.exprs.iter().flat_map(move |(id, expr)| {
            let target = match &expr.kind {
                ExprKind::NumCastFits { target, .. } => Some(target),
                _ => None,
            };
            std::iter::once(&expr.ty)
                .chain(target)
                .map(move |ty| (ty, func.span_of(id)))
        });
        std::iter::once((&func.result, Span::UNKNOWN))
            .chain(locals)
            .chain(exprs)
    }

    fn check_depth(&mut self) {
        if self.func.body.depth() > MAX_BLOCK_DEPTH {
            let message = format!("blocks are nested deeper than {MAX_BLOCK_DEPTH}");
            self.error(Rule::Depth, Span::UNKNOWN, message);
        }
        for (ty, span) in self.types() {
            if ty.depth() > MAX_TYPE_DEPTH {
                let message = format!("a type is nested deeper than {MAX_TYPE_DEPTH}");
                self.error(Rule::Depth, span, message);
            }
        }
    }

    fn check_handles(&mut self) {
        let func = self.func;
        for (ty, span) in self.types() {
            self.check_type_params(ty, span);
        }
        for &param in &func.params {
            self.check_local(param, Span::UNKNOWN);
        }
        if func.expr_spans.len() > func.exprs.len() {
            self.error(
                Rule::Handles,
                Span::UNKNOWN,
                "more spans of expressions than expressions",
            );
        }
        for (id, expr) in func.exprs.iter() {
            let span = func.span_of(id);
            expr.kind
                .for_each_operand(|operand| self.check_expr_id(operand, span));
            if let Some(place) = expr.kind.place() {
                self.check_place_handles(place, span);
            }
            let site = match &expr.kind {
                ExprKind::Unary { site, .. }
                | ExprKind::Binary { site, .. }
                | ExprKind::Call { site, .. } => *site,
                ExprKind::NumCast { site, .. } => Some(*site),
                _ => None,
            };
            if let Some(site) = site {
                self.check_site_id(site, span);
            }
        }
        func.body.for_each_stmt(|stmt| {
            stmt.kind
                .for_each_expr(|id| self.check_expr_id(id, stmt.span));
            match &stmt.kind {
                StmtKind::Assign { place, .. } => self.check_place_handles(place, stmt.span),
                StmtKind::For(for_loop) => self.check_local(for_loop.var, stmt.span),
                StmtKind::Trap { site, .. } => self.check_site_id(*site, stmt.span),
                _ => {}
            }
        });
    }

    fn check_type_params(&mut self, ty: &Ty, span: Span) {
        match ty {
            Ty::Unit | Ty::Scalar(_) => {}
            Ty::Param(index) => {
                if *index as usize >= self.func.type_params.len() {
                    let message = format!("there is no type parameter {index}");
                    self.error(Rule::Handles, span, message);
                }
            }
            Ty::Tuple(elems) => {
                for elem in elems {
                    self.check_type_params(elem, span);
                }
            }
            Ty::Array { elem, .. } | Ty::Slice { elem, .. } => self.check_type_params(elem, span),
            Ty::Ref { to, .. } => self.check_type_params(to, span),
            Ty::Struct(_) => {}
        }
    }

    fn check_expr_id(&mut self, id: ExprId, span: Span) {
        if self.func.exprs.get(id).is_none() {
            self.error(
                Rule::Handles,
                span,
                format!("there is no expression {id:?}"),
            );
        }
    }

    fn check_local(&mut self, local: LocalId, span: Span) {
        if self.func.locals.get(local).is_none() {
            self.error(Rule::Handles, span, format!("there is no local {local:?}"));
        }
    }

    fn check_site_id(&mut self, site: crate::SiteId, span: Span) {
        if self.func.sites.get(site).is_none() {
            self.error(Rule::Handles, span, format!("there is no site {site:?}"));
        }
    }

    fn check_place_handles(&mut self, place: &Place, span: Span) {
        self.check_local(place.local, span);
        for projection in &place.projections {
            match projection {
                Projection::Index {
                    index: _,
                    site: Some(site),
                } => self.check_site_id(*site, span),
                Projection::Index { site: None, .. } | Projection::Field(_) | Projection::Deref => {
                }
            }
        }
    }

    /// Every expression is used at most once, which leaves trees and rings; those that no use leads out of are rings.
    fn check_trees(&mut self) {
        let func = self.func;
        let mut uses = vec![0u32; func.exprs.len()];
        let mut count = |id: ExprId| uses[id.index()] = uses[id.index()].saturating_add(1);
        for (_, expr) in func.exprs.iter() {
            expr.kind.for_each_operand(&mut count);
        }
        let mut roots = Vec::new();
        func.body.for_each_stmt(|stmt| {
            stmt.kind.for_each_expr(|id| {
                count(id);
                roots.push(id);
            });
        });
        let shared: Vec<ExprId> = func
            .exprs
            .handles()
            .filter(|id| uses[id.index()] > 1)
            .collect();
        if !shared.is_empty() {
            for id in shared {
                let message = "an expression is used more than once";
                self.error(Rule::Trees, func.span_of(id), message);
            }
            return;
        }
        roots.extend(func.exprs.handles().filter(|id| uses[id.index()] == 0));
        let mut reached = vec![false; func.exprs.len()];
        let mut open = Vec::new();
        for root in roots {
            if !expr_depth_within(&func.exprs, root, MAX_EXPR_DEPTH) {
                let message = format!("an expression is nested deeper than {MAX_EXPR_DEPTH}");
                self.error(Rule::Depth, func.span_of(root), message);
            }
            open.push(root);
            while let Some(id) = open.pop() {
                if !std::mem::replace(&mut reached[id.index()], true) {
                    func.exprs[id].kind.for_each_operand(|next| open.push(next));
                }
            }
        }
        if let Some(index) = reached.iter().position(|&reached| !reached) {
            let span = func.span_of(ExprId::from_index(index));
            self.error(Rule::Trees, span, "an expression is part of itself");
        }
    }

    fn check_signature(&mut self) {
        let func = self.func;
        for (position, param) in func.params.iter().enumerate() {
            let local = &func.locals[*param];
            if param.index() != position {
                let message = "the parameters are not the first locals";
                self.error(Rule::Signature, local.span, message);
            }
            if let Ty::Unit | Ty::Tuple(_) = &local.ty {
                let message = "a parameter is neither scalar nor slice";
                self.error(Rule::Signature, local.span, message);
            }
        }
        for (id, local) in func.locals.iter() {
            match &local.ty {
                Ty::Unit => self.error(Rule::Signature, local.span, "a local has type `()`"),
                Ty::Slice { elem, .. } => {
                    if !matches!(**elem, Ty::Scalar(_) | Ty::Param(_)) {
                        let message = "the elements of a slice are not scalars";
                        self.error(Rule::Signature, local.span, message);
                    }
                    if id.index() >= func.params.len() {
                        let message = "a local that is no parameter is a slice";
                        self.error(Rule::Signature, local.span, message);
                    }
                }
                ty => self.check_value_type(ty, local.span),
            }
        }
        if func.result != Ty::Unit {
            self.check_value_type(&func.result, Span::UNKNOWN);
        }
    }

    /// A scalar, a parameter, or a tuple of such.
    fn check_value_type(&mut self, ty: &Ty, span: Span) {
        match ty {
            Ty::Scalar(_) | Ty::Param(_) => {}
            Ty::Tuple(elems) if elems.is_empty() => {
                self.error(Rule::Signature, span, "a tuple type without elements");
            }
            Ty::Tuple(elems) => {
                for elem in elems {
                    self.check_value_type(elem, span);
                }
            }
            Ty::Unit => self.error(Rule::Signature, span, "a value has type `()`"),
            Ty::Array { .. } | Ty::Struct(_) | Ty::Ref { .. } | Ty::Slice { .. } => {
                self.error(Rule::Signature, span, "a value is a slice");
            }
        }
    }

    fn check_specialized(&mut self) {
        let func = self.func;
        if !func.type_params.is_empty() {
            let message = "a specialized function has type parameters";
            self.error(Rule::Specialized, Span::UNKNOWN, message);
        }
        for (ty, span) in self.types() {
            if ty.has_params() {
                let message = "a type parameter is left in a specialized function";
                self.error(Rule::Specialized, span, message);
            }
        }
        for (id, expr) in func.exprs.iter() {
            let message = match expr.kind {
                ExprKind::Named(_) => "a named constant is left in a specialized function",
                ExprKind::DebugAssertions => {
                    "`cfg!(debug_assertions)` is left in a specialized function"
                }
                _ => continue,
            };
            self.error(Rule::Specialized, func.span_of(id), message);
        }
    }
}
