//! The state of a lowering and the small steps that all of it shares.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::binding::Scope;
use super::body::{Body, Context};
use super::bounds::Bounds;
use super::calls::Opaque;
use super::closure::{Closure, ClosureId};
use super::diag::{Code, Collector, Diagnostic};
use super::externs::{ExternUse, Question};
use super::infer::{Conflict, ITy, Inference};
use super::iter::{Iter, IterId};
use super::prange::ParallelRequest;
use super::views::{View, ViewId};
use crate::arena::{Arena, Handle};
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, SiteId};
use crate::func::{Local, LocalId, SiteKind, Table};
use crate::hir::{self, Span};
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Label, Stmt, StmtKind};
use crate::ty::Ty;

/// What an expression of the source leaves behind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// `()`.
    Unit,
    /// Nothing: control does not get past it.
    Never,
    /// A value, not evaluated yet.
    Expr(ExprId),
}

/// A trap site whose operand types are not known yet.
pub(super) struct PendingSite {
    pub(super) kind: SiteKind,
    /// The node that the panic is located at.
    pub(super) span: Span,
    /// The types of the operands that the trap carries.
    pub(super) operands: Vec<ITy>,
    /// The instance that the node belongs to.
    pub(super) origin: u32,
}

/// A literal whose type decides its bits.
pub(super) struct PendingLiteral {
    pub(super) expr: ExprId,
    pub(super) digits: Digits,
    pub(super) negative: bool,
}

/// The text of a numeric literal.
pub(super) enum Digits {
    Integer(u128),
    Float(String),
}

/// Something to be checked when the types are known.
pub(super) enum Check {
    /// The type has this method.
    HasMethod {
        intrinsic: Intrinsic,
        ty: ITy,
        span: Span,
    },
    /// `as` between these is a cast between scalars.
    Cast { from: ITy, to: ITy, span: Span },
    /// A conversion between these by `From` is one of std's.
    Convert { from: ITy, to: ITy, span: Span },
    /// A numeric conversion between these; neither is `bool`.
    NumCast { from: ITy, to: ITy, span: Span },
    /// `T::try_from(x)` between these is one between integers.
    TryFrom { from: ITy, to: ITy, span: Span },
    /// The type is an integer; `narrow`: of at most 64 bits.
    Integer { ty: ITy, narrow: bool, span: Span },
    /// The type's default has no bit set.
    Default { ty: ITy, span: Span },
    /// The operator exists for the type.
    Operator {
        op: OperatorClass,
        ty: ITy,
        span: Span,
    },
}

/// Which scalar types an operator is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum OperatorClass {
    /// `+ - * / %`: integers and floats.
    Arithmetic,
    /// `& | ^ !`: integers and `bool`.
    Bit,
    /// `<< >>`: integers.
    Shift,
    /// `-x`: signed integers and floats.
    Neg,
    /// Comparisons: every scalar.
    Compare,
}

/// A loop or labelled block around the current statement.
pub(super) struct Target {
    pub(super) label: Label,
    /// The name with its hygiene.
    pub(super) name: Option<(String, u32)>,
    pub(super) is_loop: bool,
    /// Where `break value` puts the value.
    pub(super) result: Option<(LocalId, ITy)>,
    pub(super) broken: bool,
    /// The block around the body that `continue` leaves, if it is not the loop's next iteration.
    pub(super) next: Option<Label>,
    pub(super) continued: bool,
    /// Whether macros may break it, as far as its type tells.
    pub(super) for_macros: bool,
}

/// The state of a lowering.
pub(super) struct Lowering<'a> {
    /// The function or closure whose body is being lowered.
    pub(super) current: Body<'a>,
    /// What has to be asked of rustc.
    pub(super) questions: Vec<(Span, Question)>,
    /// The uses of `prange` and `par`; while the crate is built.
    pub(super) requests: Vec<ParallelRequest>,
    /// The iterators whose loops are asked to run in parallel, with the names of the `par`s.
    pub(super) asking: Vec<(IterId, Span)>,
    /// The same when types are settled.
    pub(super) extern_uses: Vec<ExternUse>,
    pub(super) infer: Inference,
    pub(super) diags: Collector,
    /// The names of type parameters: first those of the function that the IR is for, then those of functions that it contains.
    pub(super) type_params: Vec<String>,
    /// How many of them are the function's own.
    pub(super) n_type_params: usize,
    pub(super) bounds: Vec<Bounds>,
    pub(super) params: Vec<LocalId>,
    pub(super) locals: Arena<Local>,
    pub(super) local_tys: Vec<ITy>,
    pub(super) local_spans: Vec<Span>,
    pub(super) exprs: Arena<Expr>,
    pub(super) expr_tys: Vec<ITy>,
    pub(super) expr_spans: Vec<Span>,
    /// How deep the tree below each expression is.
    expr_depths: Vec<u32>,
    pub(super) sites: Vec<PendingSite>,
    /// Whether an index is in bounds because the user says so.
    pub(super) unchecked: bool,
    pub(super) literals: Vec<PendingLiteral>,
    /// Conversions with the types that they lead to; the lengths of arrays that slices are converted to, with the arrays' types.
    pub(super) fits_targets: Vec<(ExprId, ITy)>,
    pub(super) checks: Vec<Check>,
    /// The types of `let`s that have none written, by their nodes.
    pub(super) lets: Vec<(Span, ITy)>,
    pub(super) body: Block,
    /// Whether a type is left to rustc.
    pub(super) has_unknown: bool,
    /// Expressions that are calls whose results only rustc knows.
    pub(super) call_results: HashSet<usize>,
    /// The comparisons that patterns make, which no trait has a say in.
    pub(super) pattern_tests: HashSet<usize>,
    /// Variables that hold such results.
    pub(super) call_locals: HashSet<LocalId>,
    /// Whether names are bound where every value matches.
    pub(super) irrefutable: bool,
    /// The variables by name, each with the hygiene of its name.
    pub(super) scopes: Vec<Scope>,
    frames: Vec<Vec<Stmt>>,
    pub(super) targets: Vec<Target>,
    pub(super) fns: Vec<Opaque>,
    /// Whether crates are part of the function that check for overflow, and such that do not.
    pub(super) mixed_overflow: bool,
    /// The types that macros print, by the numbers of their host functions.
    pub(super) prints: Vec<(u32, Vec<ITy>)>,
    pub(super) closures: Vec<Closure<'a>>,
    /// The closures whose bodies are being lowered.
    pub(super) calling: Vec<ClosureId>,
    /// Each with the node that made it.
    pub(super) iters: Vec<(Iter, Span)>,
    /// Variables of ours that change only between one iteration and the next, so that names may stand for them.
    pub(super) accumulators: HashSet<LocalId>,
    /// Parameters `impl Into<T>`, which are `T` already.
    pub(super) converted: HashSet<LocalId>,
    /// What is in variables that were made only to be borrowed; stable.
    pub(super) held: HashMap<LocalId, ExprId>,
    /// Whether an iterator is being run over as a whole.
    pub(super) folding: bool,
    pub(super) views: Vec<View>,
    /// Those that are parameters.
    pub(super) view_params: Vec<ViewId>,
    /// The variables that hold the values of `const` items.
    pub(super) constants: Vec<LocalId>,
    /// What stands for the other items of the function.
    pub(super) items: Vec<ExprId>,
    /// Names of items and closures that stand behind a glob.
    pub(super) behind_globs: RefCell<Vec<hir::Ident>>,
    /// Constants of other items that lie in memory.
    pub(super) tables: Vec<Table>,
    /// Whether the place that is being lowered is written to, or borrowed by `&mut`.
    pub(super) exclusive: bool,
    /// The `==` or `!=` that is being lowered, by its node.
    pub(super) equality: Option<(Span, BinaryOp)>,
    next_label: u32,
}

/// A tree deeper than this is evaluated into a temporary before it becomes an operand: the IR limits the depth of trees.
const MAX_DEPTH: u32 = 100;

/// Lowers a function, types still open.
pub(super) fn lower<'a>(
    item: &'a hir::Function,
    context: Option<Context<'a>>,
) -> Result<Lowering<'a>, Vec<Diagnostic>> {
    let mut lowering = Lowering {
        current: Body::of(item, context),
        questions: Vec::new(),
        requests: Vec::new(),
        asking: Vec::new(),
        extern_uses: Vec::new(),
        infer: Inference::default(),
        diags: Collector::default(),
        type_params: Vec::new(),
        n_type_params: 0,
        bounds: Vec::new(),
        params: Vec::new(),
        locals: Arena::new(),
        local_tys: Vec::new(),
        local_spans: Vec::new(),
        exprs: Arena::new(),
        expr_tys: Vec::new(),
        expr_spans: Vec::new(),
        expr_depths: Vec::new(),
        sites: Vec::new(),
        unchecked: false,
        literals: Vec::new(),
        fits_targets: Vec::new(),
        checks: Vec::new(),
        lets: Vec::new(),
        body: Block::default(),
        has_unknown: false,
        call_results: HashSet::new(),
        pattern_tests: HashSet::new(),
        call_locals: HashSet::new(),
        irrefutable: false,
        scopes: vec![Scope::new()],
        frames: Vec::new(),
        targets: Vec::new(),
        closures: Vec::new(),
        fns: Vec::new(),
        mixed_overflow: false,
        prints: Vec::new(),
        calling: Vec::new(),
        iters: Vec::new(),
        views: Vec::new(),
        view_params: Vec::new(),
        accumulators: HashSet::new(),
        converted: HashSet::new(),
        held: HashMap::new(),
        folding: false,
        constants: Vec::new(),
        items: Vec::new(),
        behind_globs: RefCell::default(),
        tables: Vec::new(),
        exclusive: false,
        equality: None,
        next_label: 0,
    };
    lowering.diags.origin = lowering.current.number();
    let later = lowering.lower_signature();
    for refusal in &item.refusals {
        lowering.diags.refuse(refusal);
    }
    let span = item.block.span();
    let ((), stmts) = lowering.in_frame(|this| {
        this.bind_later(later);
        if this.has_versions() {
            let cond = this.rows_are_contiguous(span);
            let ((), contiguous) = this.in_frame(|this| {
                this.with_contiguous_rows(|this| this.lower_body(&item.block));
            });
            let ((), strided) = this.in_frame(|this| this.lower_body(&item.block));
            this.emit_branch(cond, contiguous, strided, span);
        } else {
            // A build asks what is possible, as with `prange`.
            this.with_contiguous_rows(|this| this.lower_body(&item.block));
        }
    });
    lowering.refuse_names_behind_globs();
    lowering.body = Block { stmts };
    if lowering.diags.is_empty() {
        Ok(lowering)
    } else {
        Err(lowering.diags.into_found())
    }
}

impl Lowering<'_> {
    /// The body of the function, whose value it returns.
    fn lower_body(&mut self, block: &hir::Block) {
        let value = self.lower_block(block);
        let result = self.current.result.clone();
        match value {
            Value::Never => {}
            Value::Unit => self.expect_ty(&ITy::Unit, &result, block.span()),
            Value::Expr(expr) => {
                let value = self.coerce(expr, &result);
                let span = self.span_of(value);
                self.emit(StmtKind::Return(Some(value)), span);
            }
        }
    }

    // Types and errors.

    /// The line and column of a span.
    pub(super) fn position(&self, span: Span) -> crate::span::Span {
        let position = self.current.item.position(span);
        position.of_instance(self.current.number())
    }

    /// The line and column of a node of another instance.
    pub(super) fn position_in(&self, origin: u32, span: Span) -> crate::span::Span {
        let context = self.current.context;
        match context.and_then(|context| context.get(origin as usize)) {
            Some(context) => {
                let position = context.instance().function.position(span);
                position.of_instance(origin)
            }
            None => self.position(span),
        }
    }

    pub(super) fn show(&mut self, ty: &ITy) -> String {
        self.infer.show(ty, &self.type_params)
    }

    /// Makes `found` equal to `expected`, or reports the two.
    pub(super) fn expect_ty(&mut self, found: &ITy, expected: &ITy, span: Span) {
        if let Err(conflict) = self.infer.unify(expected, found) {
            self.report_conflict(&conflict, span);
        }
    }

    /// Makes the type of an expression equal to `expected`, or reports the two at the expression.
    pub(super) fn expect_expr(&mut self, expr: ExprId, expected: &ITy) {
        let found = self.ty_of(expr);
        self.expect_type_of_call(expr, expected);
        self.expect_ty(&found, expected, self.expr_spans[expr.index()]);
    }

    pub(super) fn report_conflict(&mut self, conflict: &Conflict, span: Span) {
        let is_function = |ty: &ITy| matches!(ty, ITy::Closure(_) | ITy::Fn(_));
        if is_function(&conflict.left) && is_function(&conflict.right) {
            self.diags.report(
                Code::Mismatch,
                span,
                "functions that are chosen at run time cannot be captured by `#[jit]`: what is called is part of the code",
                "choose between calls of them",
            );
            return;
        }
        let is_error = |ty: &ITy| matches!(ty, ITy::TryFromIntError);
        if is_error(&conflict.left) || is_error(&conflict.right) {
            self.diags.report(
                Code::Mismatch,
                span,
                "`try_into` of a number to a type that is none cannot be captured by `#[jit]`",
                "call the conversion by the type: `T::try_from(x)`",
            );
            return;
        }
        let expected = self.show(&conflict.left);
        let found = self.show(&conflict.right);
        self.diags.report(
            Code::Mismatch,
            span,
            format!("mismatched types: expected `{expected}`, found `{found}`"),
            "convert one with `as`, or write the type at the `let` if rustc infers another one",
        );
    }

    // Expressions.

    pub(super) fn push_expr(&mut self, kind: ExprKind, ty: ITy, span: Span) -> ExprId {
        let mut depth = 0;
        kind.for_each_operand(|operand| depth = depth.max(self.depth(operand) + 1));
        self.expr_depths.push(depth);
        self.expr_tys.push(ty);
        self.expr_spans.push(span);
        // The real type is written in by `finish`.
        self.refuse_held_closures(&kind, span);
        self.exprs.push(Expr { kind, ty: Ty::Unit })
    }

    /// Evaluates a tree that is too deep to become an operand.
    pub(super) fn limit_depth(&mut self, expr: ExprId) -> ExprId {
        if self.depth(expr) > MAX_DEPTH {
            self.evaluate(expr)
        } else {
            expr
        }
    }

    fn depth(&self, expr: ExprId) -> u32 {
        self.expr_depths[expr.index()]
    }

    pub(super) fn ty_of(&self, expr: ExprId) -> ITy {
        self.expr_tys[expr.index()].clone()
    }

    pub(super) fn span_of(&self, expr: ExprId) -> Span {
        self.expr_spans[expr.index()]
    }

    /// Whether nothing is to be said about a value of this type: only rustc knows the type, or it is open because of a problem that
    /// was reported, which saying more would only repeat.
    pub(super) fn is_reported(&mut self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Unknown(_) => true,
            ITy::Var(_) => !self.diags.is_empty() && !self.infer.is_literal_var(ty),
            _ => false,
        }
    }

    /// Whether a path names a variable whose definition has been reported.
    pub(super) fn is_reported_variable(&mut self, path: &hir::Path) -> bool {
        path.get_ident()
            .and_then(|name| self.lookup(name))
            .is_some_and(|local| {
                let ty = self.local_tys[local.index()].clone();
                self.is_reported(&ty)
            })
    }

    /// Binds a name whose definition has been reported, so that its uses are not.
    pub(super) fn bind_reported(&mut self, ident: &hir::Ident) {
        let local = self.push_local(ident.to_string(), ITy::REPORTED, true, ident.span());
        self.bind(ident, local);
    }

    /// Stands in for an expression with an error, which has been reported.
    pub(super) fn poison(&mut self, span: Span) -> ExprId {
        let value = ExprKind::Const(ConstValue::Bool(false));
        self.push_expr(value, ITy::REPORTED, span)
    }

    /// Takes back an expression that nothing uses, so that its operands may be used elsewhere.
    pub(super) fn discard(&mut self, expr: ExprId) {
        self.exprs[expr].kind = ExprKind::Const(ConstValue::Bool(false));
        self.expr_tys[expr.index()] = ITy::BOOL;
        self.literals.retain(|literal| literal.expr != expr);
    }

    pub(super) fn load_local(&mut self, local: LocalId, span: Span) -> ExprId {
        let ty = self.local_tys[local.index()].clone();
        self.push_expr(ExprKind::Load(Place::local(local)), ty, span)
    }

    /// An integer constant; its type is settled by inference.
    pub(super) fn integer(&mut self, value: u128, ty: ITy, span: Span) -> ExprId {
        let expr = self.push_expr(ExprKind::Const(ConstValue::Int(value)), ty, span);
        self.literals.push(PendingLiteral {
            expr,
            digits: Digits::Integer(value),
            negative: false,
        });
        expr
    }

    /// A trap site at the node that its panic is located at, with the types of the operands that it carries.
    pub(super) fn push_site(&mut self, kind: SiteKind, span: Span, operands: Vec<ITy>) -> SiteId {
        self.sites.push(PendingSite {
            kind,
            span,
            operands,
            origin: self.current.number(),
        });
        Handle::from_index(self.sites.len() - 1)
    }

    /// Makes `copy` a literal if `expr` is one: their types decide their bits.
    pub(super) fn copy_literal(&mut self, expr: ExprId, copy: ExprId) {
        let literal = self.literals.iter().find(|literal| literal.expr == expr);
        if let Some(literal) = literal {
            let digits = match &literal.digits {
                Digits::Integer(value) => Digits::Integer(*value),
                Digits::Float(text) => Digits::Float(text.clone()),
            };
            let negative = literal.negative;
            self.literals.push(PendingLiteral {
                expr: copy,
                digits,
                negative,
            });
        }
    }

    /// Whether evaluation may panic.
    pub(super) fn may_trap(&self, expr: ExprId) -> bool {
        let any = |exprs: &[ExprId]| exprs.iter().any(|expr| self.may_trap(*expr));
        match &self.exprs[expr].kind {
            ExprKind::Const(_) | ExprKind::Named(_) | ExprKind::DebugAssertions => false,
            ExprKind::Load(place) | ExprKind::Len(place) => self.place_may_trap(place),
            ExprKind::Unary { operand, site, .. } => site.is_some() || self.may_trap(*operand),
            ExprKind::Binary { lhs, rhs, site, .. } => site.is_some() || any(&[*lhs, *rhs]),
            ExprKind::ShortCircuit { lhs, rhs, .. } => any(&[*lhs, *rhs]),
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => any(&[*cond, *then, *otherwise]),
            ExprKind::Cast { operand } | ExprKind::NumCastFits { operand, .. } => {
                self.may_trap(*operand)
            }
            ExprKind::NumCast { .. } => true,
            ExprKind::Call { args, site, .. } => site.is_some() || any(args),
            ExprKind::Tuple(elems) | ExprKind::Array(elems) | ExprKind::Struct(elems) => any(elems),
            ExprKind::Borrow(place) => self.place_may_trap(place),
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => {
                site.is_some()
                    || self.place_may_trap(base)
                    || start.is_some_and(|start| self.may_trap(start))
                    || end.is_some_and(|end| self.may_trap(end))
            }
            ExprKind::Repeat(value) => self.may_trap(*value),
            ExprKind::Table(_) | ExprKind::Zeroed => false,
        }
    }

    // Variables.

    pub(super) fn push_local(
        &mut self,
        name: impl Into<String>,
        ty: ITy,
        mutable: bool,
        span: Span,
    ) -> LocalId {
        let position = self.position(span);
        self.local_tys.push(ty);
        self.local_spans.push(span);
        self.locals.push(Local {
            name: name.into(),
            ty: Ty::Unit,
            mutable,
            span: position,
        })
    }

    /// A variable of ours.
    pub(super) fn push_temp(&mut self, ty: ITy, mutable: bool, span: Span) -> LocalId {
        let name = format!("${}", self.locals.len());
        self.push_local(name, ty, mutable, span)
    }

    // Statements.

    /// Runs with a new list of statements and returns it.
    pub(super) fn in_frame<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> (R, Vec<Stmt>) {
        self.frames.push(Vec::new());
        let result = run(self);
        let stmts = self.frames.pop().unwrap_or_default();
        (result, stmts)
    }

    /// Lowers something for what it says about types, and forgets it.
    pub(super) fn in_vain(&mut self, run: impl FnOnce(&mut Self)) {
        let n_locals = self.locals.len();
        let n_exprs = self.exprs.len();
        let lens = (
            self.sites.len(),
            self.literals.len(),
            self.fits_targets.len(),
            self.checks.len(),
            self.lets.len(),
            self.questions.len(),
            self.constants.len(),
            self.tables.len(),
            self.items.len(),
        );
        let (n_problems, n_relations) = (self.diags.len(), self.infer.n_relations());
        let (held, accumulators) = (self.held.clone(), self.accumulators.clone());
        self.in_frame(run);
        if self.diags.len() > n_problems {
            self.diags.forget(n_problems);
            self.infer.forget_relations(n_relations);
        }
        (self.held, self.accumulators) = (held, accumulators);
        self.locals.truncate(n_locals);
        self.local_tys.truncate(n_locals);
        self.local_spans.truncate(n_locals);
        self.exprs.truncate(n_exprs);
        self.expr_tys.truncate(n_exprs);
        self.expr_spans.truncate(n_exprs);
        self.expr_depths.truncate(n_exprs);
        self.sites.truncate(lens.0);
        self.literals.truncate(lens.1);
        self.fits_targets.truncate(lens.2);
        self.checks.truncate(lens.3);
        self.lets.truncate(lens.4);
        self.questions.truncate(lens.5);
        self.constants.truncate(lens.6);
        self.tables.truncate(lens.7);
        self.items.truncate(lens.8);
    }

    pub(super) fn emit(&mut self, kind: StmtKind, span: Span) {
        let span = self.position(span);
        if let Some(frame) = self.frames.last_mut() {
            frame.push(Stmt { kind, span });
        }
    }

    /// Appends statements that were lowered in a frame of their own.
    pub(super) fn emit_all(&mut self, stmts: Vec<Stmt>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.extend(stmts);
        }
    }

    /// Inserts statements at a point in time of this list.
    pub(super) fn insert_all(&mut self, then: usize, stmts: Vec<Stmt>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.splice(then..then, stmts);
        }
    }

    pub(super) fn assign(&mut self, local: LocalId, value: ExprId) {
        let span = self.span_of(value);
        let place = Place::local(local);
        self.emit(StmtKind::Assign { place, value }, span);
    }

    /// The number of statements so far; a point in time to [`Lowering::settle`] at.
    pub(super) fn now(&self) -> usize {
        self.frames.last().map_or(0, Vec::len)
    }

    /// Makes sure that `expr`, which was lowered at `then`, is evaluated before the statements that came after `then`.
    pub(super) fn settle(&mut self, expr: ExprId, then: usize) -> ExprId {
        if self.now() == then || self.is_stable(expr) {
            return expr;
        }
        let span = self.span_of(expr);
        let temp = self.push_temp(self.ty_of(expr), false, span);
        let stmt = Stmt {
            kind: StmtKind::Assign {
                place: Place::local(temp),
                value: expr,
            },
            span: self.position(span),
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.insert(then, stmt);
        }
        self.load_local(temp, span)
    }

    /// Whether statements that came after `then` may change a local or what it points to: they assign it, or lend it as mutable.
    pub(super) fn may_have_changed(&self, local: LocalId, then: usize) -> bool {
        let Some(frame) = self.frames.last() else {
            return false;
        };
        let mut found = false;
        for stmt in frame.get(then..).unwrap_or_default() {
            let mut look = |stmt: &Stmt| {
                found |= stmt.kind.place().is_some_and(|place| place.local == local);
                stmt.kind
                    .for_each_expr(|expr| found |= self.lends(expr, local));
            };
            look(stmt);
            for block in stmt.kind.blocks() {
                block.for_each_stmt(&mut look);
            }
        }
        found
    }

    /// Whether an expression has a pointer through which a local, or what it points to, may be changed.
    fn lends(&self, expr: ExprId, local: LocalId) -> bool {
        let Some(kind) = self.exprs.get(expr).map(|expr| &expr.kind) else {
            return false;
        };
        let is_pointer = |ty: &ITy| {
            matches!(
                ty,
                ITy::Ref { mutable: true, .. } | ITy::Slice { mutable: true, .. }
            )
        };
        if kind.place().is_some_and(|place| place.local == local)
            && is_pointer(&self.infer.shallow(&self.ty_of(expr)))
        {
            return true;
        }
        let mut found = false;
        kind.for_each_operand(|operand| found = found || self.lends(operand, local));
        found
    }

    /// Evaluates now, unless the value cannot change.
    pub(super) fn evaluate(&mut self, expr: ExprId) -> ExprId {
        if self.is_stable(expr) {
            return expr;
        }
        let span = self.span_of(expr);
        let temp = self.push_temp(self.ty_of(expr), false, span);
        self.assign(temp, expr);
        self.load_local(temp, span)
    }

    /// Lowers operands that are evaluated from left to right.
    pub(super) fn lower_operands<'e>(
        &mut self,
        operands: impl IntoIterator<Item = &'e hir::Expr>,
    ) -> Vec<ExprId> {
        let mut lowered: Vec<(ExprId, usize)> = Vec::new();
        for operand in operands {
            let expr = self.lower_operand(operand);
            let expr = self.limit_depth(expr);
            lowered.push((expr, self.now()));
        }
        self.settle_all(lowered)
    }

    /// Settles expressions that were lowered one after the other, each with the time when it was ready.
    pub(super) fn settle_all(&mut self, lowered: Vec<(ExprId, usize)>) -> Vec<ExprId> {
        // From the last to the first, so that an insertion leaves the earlier times valid. The end of time is that of before
        // the first insertion for all of them.
        let end = self.now();
        let mut settled: Vec<ExprId> = lowered
            .into_iter()
            .rev()
            .map(|(expr, then)| {
                if then == end {
                    expr
                } else {
                    self.settle(expr, then)
                }
            })
            .collect();
        settled.reverse();
        settled
    }

    // Loops and labelled blocks.

    pub(super) fn new_label(&mut self) -> Label {
        self.next_label += 1;
        Label(self.next_label - 1)
    }

    /// Runs inside a loop or labelled block and returns what became of its target.
    pub(super) fn in_target<R>(
        &mut self,
        target: Target,
        run: impl FnOnce(&mut Self) -> R,
    ) -> (R, Option<Target>) {
        self.targets.push(target);
        let result = run(self);
        (result, self.targets.pop())
    }
}
