//! Moves the body of a loop into a function of its own, and makes the one that combines its accumulators.

use std::collections::{HashMap, HashSet};

use crate::analysis::effects::{Effects, exposed_locals, is_behind_pointer};
use crate::analysis::parallel::{Finding, ReduceOp, Reduction, ReductionKind, filled, may_store};
use crate::arena::Arena;
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, Projection, SiteId};
use crate::func::{Function, Local, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

use super::super::edit::Edit;
use super::combine::{combiner, identities_of, identity};

/// The body function of a loop, and what it is called with besides numbers.
pub(super) struct Outlined {
    pub(super) body: Function,
    /// The locals that go in and come out.
    pub(super) accumulators: Vec<LocalId>,
    /// The locals that go in: by value, or by reference to them.
    pub(super) captures: Vec<Capture>,
    /// What combines the accumulators of two chunks, and what each starts from.
    pub(super) combine: Option<Function>,
    pub(super) identities: Vec<ConstValue>,
}

/// An accumulator that is an array: a local of the loop's body, which goes in by reference and comes out by value.
pub(super) struct ArrayAccumulator {
    pub(super) own: LocalId,
    pub(super) op: ReduceOp,
}

impl ArrayAccumulator {
    pub(super) fn ty(&self, func: &Function) -> Ty {
        func.locals[self.own].ty.clone()
    }

    pub(super) fn reference(&self, func: &Function) -> Ty {
        let to = Box::new(self.ty(func));
        Ty::Ref { to, mutable: false }
    }

    /// What each element starts from, and its type.
    pub(super) fn identity(&self, func: &Function) -> Option<(ConstValue, Ty)> {
        let Ty::Array { elem, .. } = self.ty(func) else {
            return None;
        };
        let value = identity(func, self.op, elem.as_scalar()?)?;
        Some((value, *elem))
    }
}

/// How a local goes in.
pub(super) struct Capture {
    pub(super) local: LocalId,
    pub(super) ty: Ty,
    pub(super) by_reference: bool,
}

/// The values that count the iterations of a loop: `from + number * step`, or with a minus.
pub(super) struct Counting {
    /// The variable's value in the first iteration, less `plus`.
    pub(super) from: LocalId,
    /// Not 0 in plain loops only.
    pub(super) plus: u64,
    /// The distance, if it is not 1.
    pub(super) step: Option<LocalId>,
    /// Whether it may be a range from `from + first` to `from + behind`.
    pub(super) plain: bool,
    /// Which of these locals are constants.
    pub(super) constants: Vec<(LocalId, ConstValue)>,
}

/// Copies parts of one function into another.
struct Importer<'f> {
    source: &'f Function,
    target: Function,
    locals: HashMap<LocalId, Place>,
    sites: HashMap<SiteId, SiteId>,
    tables: HashMap<u32, u32>,
    /// Locals that are the same constant whenever the loop runs, which need not go in.
    constants: HashMap<LocalId, ConstValue>,
}

pub(super) fn empty_function(source: &Function, name: String, result: Ty) -> Function {
    Function {
        name,
        module: source.module.clone(),
        file: source.file.clone(),
        type_params: Vec::new(),
        params: Vec::new(),
        result,
        tables: Vec::new(),
        locals: Arena::new(),
        exprs: Arena::new(),
        expr_spans: Vec::new(),
        sites: Arena::new(),
        body: Block::default(),
        fastmath: source.fastmath,
        parallel: None,
        unchecked: source.unchecked,
        deferred: None,
    }
}

pub(super) fn result_of(types: &[Ty]) -> Ty {
    match types {
        [] => Ty::Unit,
        [one] => one.clone(),
        all => Ty::Tuple(all.to_vec()),
    }
}

pub(super) fn add_param(func: &mut Function, name: &str, ty: Ty, mutable: bool) -> LocalId {
    let param = func.locals.push(Local {
        name: name.to_owned(),
        ty,
        mutable,
        span: Span::UNKNOWN,
    });
    func.params.push(param);
    param
}

/// The body function of a loop. `None` if something in it has no form for that.
pub(super) fn outline(
    func: &Function,
    name: &str,
    span: Span,
    for_loop: &Loop,
    finding: &Finding,
    arrays: &[ArrayAccumulator],
    counting: &Counting,
) -> Option<Outlined> {
    let accumulators = accumulators_of(&finding.reductions);
    let scalars: Vec<Ty> = accumulators
        .iter()
        .map(|&local| func.locals[local].ty.clone())
        .collect();
    let array_types = arrays.iter().map(|array| array.ty(func));
    let types: Vec<Ty> = scalars.into_iter().chain(array_types).collect();
    let result = result_of(&types);
    let mut importer = Importer {
        source: func,
        target: empty_function(func, format!("{name}::body"), result.clone()),
        locals: HashMap::new(),
        sites: HashMap::new(),
        tables: HashMap::new(),
        constants: constants_of(func),
    };
    (importer.constants).extend(counting.constants.iter().copied());
    let first = add_param(&mut importer.target, "$first", Ty::USIZE, false);
    let behind = add_param(&mut importer.target, "$behind", Ty::USIZE, false);
    for &local in &accumulators {
        let Local { name, ty, .. } = func.locals[local].clone();
        let param = add_param(&mut importer.target, &name, ty, true);
        importer.locals.insert(local, Place::local(param));
    }
    let mut starts = Vec::new();
    for array in arrays {
        let ty = array.reference(func);
        starts.push(add_param(&mut importer.target, "$from", ty, false));
    }
    let mut captures = Vec::new();
    let mut constants = Vec::new();
    let counted_from = [Some(counting.from), counting.step];
    for local in counted_from.into_iter().flatten() {
        match importer.constants.contains_key(&local) {
            true => constants.push(local),
            false => captures.push(importer.capture(local, false)),
        }
    }
    let mut written = Effects::of_block(func, &for_loop.body).assigned;
    lent_mutably(func, &for_loop.body, &mut written);
    for local in importer.mentioned(for_loop) {
        if local == for_loop.var
            || local == counting.from
            || accumulators.contains(&local)
            || finding.privates.contains(&local)
            || arrays.iter().any(|array| array.own == local)
        {
            continue;
        }
        let is_written = written.contains(&local);
        match !is_written && importer.constants.contains_key(&local) {
            true => constants.push(local),
            false => captures.push(importer.capture(local, is_written)),
        }
    }

    let var = for_loop.var;
    let owns: Vec<LocalId> = arrays.iter().map(|array| importer.own(array.own)).collect();
    let mut stmts = importer.assign_constants(&constants, span);
    for (&own, start) in owns.iter().zip(starts) {
        importer.target.locals[own].mutable = true;
        let mut edit = Edit::with_labels(&mut importer.target, span, 0);
        let value = edit.load_place(Place::local(start).deref());
        stmts.push(edit.set(own, value));
    }
    for local in filled_arrays(func, for_loop, &finding.privates) {
        let own = importer.own(local);
        importer.target.locals[own].mutable = true;
        let ty = importer.target.locals[own].ty.clone();
        let mut edit = Edit::with_labels(&mut importer.target, span, 0);
        let value = edit.expr(ExprKind::Zeroed, ty);
        stmts.push(edit.set(own, value));
    }
    stmts.extend(importer.loop_stmts(span, for_loop, counting, (first, behind), var)?);
    importer.target.body = Block { stmts };
    let mut body = importer.target;
    let mut edit = Edit::new(&mut body, span);
    let mut params: Vec<LocalId> = edit.func.params[2..2 + accumulators.len()].to_vec();
    params.extend(owns);
    let ret = return_of(&mut edit, &params, &result);
    edit.func.body.stmts.extend(ret);

    let mut identities = Vec::new();
    for reduction in &finding.reductions {
        identities.extend(identities_of(func, reduction)?);
    }
    let combine = match types.is_empty() {
        true => None,
        false => Some(combiner(
            func,
            name,
            span,
            &finding.reductions,
            arrays,
            &types,
        )?),
    };
    Some(Outlined {
        body,
        accumulators,
        captures,
        combine,
        identities,
    })
}

/// Private arrays that an iteration fills element by element: what they are as a whole comes from before the loop, which stays where it is. An element
/// can only be assigned of an array that is there.
fn filled_arrays(func: &Function, for_loop: &Loop, privates: &[LocalId]) -> Vec<LocalId> {
    let mut arrays = Vec::new();
    for_loop.body.for_each_stmt(|stmt| {
        if let StmtKind::For(inner) = &stmt.kind {
            arrays.extend(filled(func, inner));
        }
    });
    arrays.retain(|local| privates.contains(local));
    arrays.sort_unstable();
    arrays.dedup();
    arrays
}

/// The locals that go in and come out of chunks, in order.
fn accumulators_of(reductions: &[Reduction]) -> Vec<LocalId> {
    let mut all = Vec::new();
    for reduction in reductions {
        all.push(reduction.local);
        if let ReductionKind::Extremum { with, .. } = &reduction.kind {
            all.extend(with);
        }
    }
    all
}

pub(super) fn return_of(edit: &mut Edit<'_>, locals: &[LocalId], result: &Ty) -> Option<Stmt> {
    let mut values: Vec<ExprId> = locals.iter().map(|&local| edit.load(local)).collect();
    let value = match values.len() {
        0 => return None,
        1 => values.remove(0),
        _ => edit.expr(ExprKind::Tuple(values), result.clone()),
    };
    Some(edit.stmt(StmtKind::Return(Some(value))))
}

/// Scalars that are assigned once, and a constant.
fn constants_of(func: &Function) -> HashMap<LocalId, ConstValue> {
    let mut found: HashMap<LocalId, Option<ConstValue>> = HashMap::new();
    func.body.for_each_stmt(|stmt| {
        let Some(place) = stmt.kind.place() else {
            return;
        };
        let value = match &stmt.kind {
            StmtKind::Assign { value, .. } => match func.exprs[*value].kind {
                ExprKind::Const(value) => Some(value),
                _ => None,
            },
            _ => None,
        };
        let known = found.entry(place.local);
        let is_first = matches!(known, std::collections::hash_map::Entry::Vacant(_));
        *known.or_default() = value.filter(|_| is_first && place.projections.is_empty());
    });
    let exposed = exposed_locals(func);
    let is_scalar = |local: LocalId| func.locals[local].ty.as_scalar().is_some();
    (found.into_iter())
        .filter_map(|(local, value)| Some((local, value?)))
        .filter(|&(local, _)| {
            is_scalar(local) && !exposed.contains(&local) && !func.params.contains(&local)
        })
        .collect()
}

/// Adds the locals that something in a block points into that could be stored through, even if nothing is.
fn lent_mutably(func: &Function, block: &Block, found: &mut HashSet<LocalId>) {
    let mut open = Vec::new();
    block.for_each_stmt(|stmt| stmt.kind.for_each_expr(|expr| open.push(expr)));
    while let Some(expr) = open.pop() {
        let Some(expr) = func.exprs.get(expr) else {
            continue;
        };
        expr.kind.for_each_operand(|operand| open.push(operand));
        if let ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. } = &expr.kind
            && expr.ty.has_mutable_refs()
            && !is_behind_pointer(func, place)
        {
            found.insert(place.local);
        }
    }
}

impl Importer<'_> {
    /// Makes locals that are constants the new function's own, behind its parameters; returns their assignments.
    fn assign_constants(&mut self, locals: &[LocalId], span: Span) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        for &local in locals {
            let Some(&value) = self.constants.get(&local) else {
                continue;
            };
            let ty = self.source.locals[local].ty.clone();
            let own = self.own(local);
            let mut edit = Edit::with_labels(&mut self.target, span, 0);
            let value = edit.expr(ExprKind::Const(value), ty);
            stmts.push(edit.set(own, value));
        }
        stmts
    }

    /// Makes a parameter of a captured local.
    fn capture(&mut self, local: LocalId, written: bool) -> Capture {
        let Local { name, ty, .. } = self.source.locals[local].clone();
        let by_reference = matches!(ty, Ty::Array { .. } | Ty::Struct(_) | Ty::Tuple(_));
        let ty = match by_reference {
            true => Ty::Ref {
                to: Box::new(ty),
                mutable: written,
            },
            false => ty,
        };
        // A scalar is pointed to, but not stored to: the value is enough.
        let lent = written && !by_reference;
        let param = add_param(&mut self.target, &name, ty.clone(), lent);
        let place = match by_reference {
            true => Place::local(param).deref(),
            false => Place::local(param),
        };
        self.locals.insert(local, place);
        Capture {
            local,
            ty,
            by_reference,
        }
    }

    /// The locals that are used in a loop's body, but for variables of loops inside.
    fn mentioned(&self, for_loop: &Loop) -> Vec<LocalId> {
        let mut all: Vec<LocalId> = Vec::new();
        let mut vars = Vec::new();
        let mut add = |local: LocalId| {
            if !all.contains(&local) {
                all.push(local);
            }
        };
        for_loop.body.for_each_stmt(|stmt| {
            if let StmtKind::For(inner) = &stmt.kind {
                vars.push(inner.var);
            }
            if let Some(place) = stmt.kind.place() {
                add(place.local);
            }
            let mut open = Vec::new();
            stmt.kind.for_each_expr(|expr| open.push(expr));
            while let Some(expr) = open.pop() {
                let kind = &self.source.exprs[expr].kind;
                if let Some(place) = kind.place() {
                    add(place.local);
                }
                kind.for_each_operand(|operand| open.push(operand));
            }
        });
        all.retain(|local| !vars.contains(local));
        all
    }

    /// The loop over the numbers from `first` to `behind`.
    fn loop_stmts(
        &mut self,
        span: Span,
        for_loop: &Loop,
        counting: &Counting,
        (first, behind): (LocalId, LocalId),
        var: LocalId,
    ) -> Option<Vec<Stmt>> {
        let ty = self.source.locals[var].ty.clone();
        let scalar = ty.as_scalar()?;
        let from = self.locals.get(&counting.from)?.clone();
        let step = match counting.step {
            Some(step) => Some(self.locals.get(&step)?.clone()),
            None => None,
        };
        let inner_var = self.own(var);
        let is_constant = |step: &LocalId| self.constants.contains_key(step);
        if let (Some(step), false) = (&step, counting.step.as_ref().is_some_and(is_constant)) {
            let step = step.clone();
            return self.stepped(span, for_loop, (from, step), (first, behind), inner_var);
        }
        let (counter, start, end) = match counting.plain {
            true => {
                let mut edit = Edit::with_labels(&mut self.target, span, 0);
                // A number that is known is no variable that passes have to know something of.
                let known = match self.constants.get(&counting.from) {
                    Some(ConstValue::Int(value)) if scalar == ScalarTy::Usize => {
                        u64::try_from(*value).ok()
                    }
                    _ => None,
                };
                let mut bound = |number: LocalId| {
                    let number = edit.load(number);
                    let number = cast(&mut edit, number, scalar);
                    if let Some(known) = known {
                        return edit.add_const(number, known.wrapping_add(counting.plus));
                    }
                    let from = edit.load_place(from.clone());
                    let from = edit.add_const(from, counting.plus);
                    edit.add(from, number)
                };
                (inner_var, bound(first), bound(behind))
            }
            false => {
                let mut edit = Edit::with_labels(&mut self.target, span, 0);
                let counter = edit.counter("number");
                (counter, edit.load(first), edit.load(behind))
            }
        };
        let mut stmts = Vec::new();
        if !counting.plain {
            let mut edit = Edit::with_labels(&mut self.target, span, 0);
            let number = edit.load(counter);
            let number = match step {
                Some(step) => {
                    let step = edit.load_place(step);
                    edit.binary(BinaryOp::Mul, number, step)
                }
                None => number,
            };
            let number = cast(&mut edit, number, scalar);
            let from = edit.load_place(from);
            let value = match for_loop.reversed {
                true => edit.sub(from, number),
                false => edit.add(from, number),
            };
            stmts.push(edit.set(inner_var, value));
        }
        let body = self.block(&for_loop.body)?;
        stmts.extend(body.stmts);
        let mut edit = Edit::with_labels(&mut self.target, span, 0);
        let step = edit.usize(1);
        let counted = Loop {
            label: for_loop.label,
            var: counter,
            start,
            end,
            step,
            inclusive: false,
            reversed: false,
            request: LoopRequest::Auto,
            hints: LoopHints {
                cold: for_loop.hints.cold,
                ..LoopHints::default()
            },
            body: Block { stmts },
        };
        let kind = StmtKind::For(counted);
        Some(vec![Stmt { kind, span }])
    }

    /// The same with a distance that is no constant: products of the numbers with it would be costly.
    ///
    /// ```text
    /// if first < behind { for var in from + first * step..=from + (behind - 1) * step step by step { body } }
    /// ```
    fn stepped(
        &mut self,
        span: Span,
        for_loop: &Loop,
        (from, step): (Place, Place),
        (first, behind): (LocalId, LocalId),
        var: LocalId,
    ) -> Option<Vec<Stmt>> {
        let ty = self.target.locals[var].ty.clone();
        let scalar = ty.as_scalar()?;
        let body = self.block(&for_loop.body)?;
        let mut edit = Edit::with_labels(&mut self.target, span, 0);
        let mut stmts = Vec::new();
        let mut value_of = |edit: &mut Edit<'_>, name: &str, number: ExprId| {
            let step = edit.load_place(step.clone());
            let distance = edit.binary(BinaryOp::Mul, number, step);
            let distance = cast(edit, distance, scalar);
            let from = edit.load_place(from.clone());
            let value = match for_loop.reversed {
                true => edit.sub(from, distance),
                false => edit.add(from, distance),
            };
            let local = edit.temporary(name, ty.clone());
            stmts.push(edit.set(local, value));
            local
        };
        let number = edit.load(first);
        let one_end = value_of(&mut edit, "from", number);
        let (number, one) = (edit.load(behind), edit.usize(1));
        let number = edit.sub(number, one);
        let other_end = value_of(&mut edit, "to", number);
        let (start, end) = match for_loop.reversed {
            true => (other_end, one_end),
            false => (one_end, other_end),
        };
        let (start, end) = (edit.load(start), edit.load(end));
        let kind = StmtKind::For(Loop {
            label: for_loop.label,
            var,
            start,
            end,
            step: edit.load_place(step),
            inclusive: true,
            reversed: for_loop.reversed,
            request: LoopRequest::Auto,
            hints: LoopHints {
                cold: for_loop.hints.cold,
                ..LoopHints::default()
            },
            body,
        });
        stmts.push(Stmt { kind, span });
        let cond = {
            let (first, behind) = (edit.load(first), edit.load(behind));
            edit.binary(BinaryOp::Lt, first, behind)
        };
        Some(vec![edit.if_then(cond, stmts, Vec::new())])
    }

    /// The new function's own local for one that belongs to an iteration.
    fn own(&mut self, local: LocalId) -> LocalId {
        if let Some(place) = self.locals.get(&local) {
            return place.local;
        }
        let new = self.target.locals.push(self.source.locals[local].clone());
        self.locals.insert(local, Place::local(new));
        new
    }

    fn block(&mut self, block: &Block) -> Option<Block> {
        let stmts = block.stmts.iter().map(|stmt| self.stmt(stmt));
        let stmts = stmts.collect::<Option<Vec<_>>>()?;
        Some(Block { stmts })
    }

    fn stmt(&mut self, stmt: &Stmt) -> Option<Stmt> {
        let kind = match &stmt.kind {
            StmtKind::Assign { place, value } => {
                let value = self.expr(*value);
                let place = self.place(place);
                StmtKind::Assign { place, value }
            }
            StmtKind::Eval(value) => StmtKind::Eval(self.expr(*value)),
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => StmtKind::If {
                cond: self.expr(*cond),
                then: self.block(then)?,
                otherwise: self.block(otherwise)?,
            },
            StmtKind::For(inner) => {
                let start = self.expr(inner.start);
                let end = self.expr(inner.end);
                let step = self.expr(inner.step);
                let var = self.own(inner.var);
                let body = self.block(&inner.body)?;
                StmtKind::For(Loop {
                    var,
                    start,
                    end,
                    step,
                    body,
                    request: LoopRequest::Auto,
                    ..inner.clone()
                })
            }
            StmtKind::While { label, cond, body } => StmtKind::While {
                label: *label,
                cond: self.expr(*cond),
                body: self.block(body)?,
            },
            StmtKind::Forever { label, body } => StmtKind::Forever {
                label: *label,
                body: self.block(body)?,
            },
            StmtKind::Labeled { label, body } => StmtKind::Labeled {
                label: *label,
                body: self.block(body)?,
            },
            StmtKind::Break(label) => StmtKind::Break(*label),
            StmtKind::Continue(label) => StmtKind::Continue(*label),
            StmtKind::Trap { site, operands } => StmtKind::Trap {
                operands: operands.iter().map(|&operand| self.expr(operand)).collect(),
                site: self.site(*site),
            },
            StmtKind::Call {
                function,
                args,
                result,
            } => StmtKind::Call {
                function: *function,
                args: args.iter().map(|&arg| self.expr(arg)).collect(),
                result: result.as_ref().map(|place| self.place(place)),
            },
            StmtKind::Return(_) | StmtKind::HostCall { .. } | StmtKind::Parallel(_) => return None,
        };
        let span = stmt.span;
        Some(Stmt { kind, span })
    }

    fn site(&mut self, site: SiteId) -> SiteId {
        if let Some(&known) = self.sites.get(&site) {
            return known;
        }
        let new = self.target.sites.push(self.source.sites[site].clone());
        self.sites.insert(site, new);
        new
    }

    fn place(&mut self, place: &Place) -> Place {
        let mut found = match self.locals.get(&place.local) {
            Some(place) => place.clone(),
            None => Place::local(self.own(place.local)),
        };
        for step in &place.projections {
            let step = match step {
                Projection::Index { index, site } => Projection::Index {
                    index: self.expr(*index),
                    site: site.map(|site| self.site(site)),
                },
                other => other.clone(),
            };
            found.projections.push(step);
        }
        found
    }

    fn expr(&mut self, id: ExprId) -> ExprId {
        let mut kind = self.source.exprs[id].kind.clone();
        let ty = self.source.exprs[id].ty.clone();
        match &mut kind {
            ExprKind::Load(place) | ExprKind::Len(place) | ExprKind::Borrow(place) => {
                *place = self.place(place);
            }
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => {
                *base = self.place(base);
                for bound in [start, end].into_iter().flatten() {
                    *bound = self.expr(*bound);
                }
                *site = site.map(|site| self.site(site));
            }
            ExprKind::Table(table) => *table = self.table(*table),
            ExprKind::Unary { site, .. }
            | ExprKind::Binary { site, .. }
            | ExprKind::Call { site, .. } => {
                *site = site.map(|site| self.site(site));
                kind.for_each_operand_mut(|operand| *operand = self.expr(*operand));
            }
            ExprKind::NumCast { site, .. } => {
                *site = self.site(*site);
                kind.for_each_operand_mut(|operand| *operand = self.expr(*operand));
            }
            kind => kind.for_each_operand_mut(|operand| *operand = self.expr(*operand)),
        }
        let new = self.target.exprs.push(Expr { kind, ty });
        self.target.expr_spans.resize(new.index(), Span::UNKNOWN);
        self.target.expr_spans.push(self.source.span_of(id));
        new
    }

    fn table(&mut self, table: u32) -> u32 {
        if let Some(&known) = self.tables.get(&table) {
            return known;
        }
        let new = self.target.tables.len() as u32;
        (self.target.tables).push(self.source.tables[table as usize].clone());
        self.tables.insert(table, new);
        new
    }
}

fn cast(edit: &mut Edit<'_>, number: ExprId, scalar: ScalarTy) -> ExprId {
    match scalar {
        ScalarTy::Usize => number,
        _ => edit.expr(ExprKind::Cast { operand: number }, Ty::Scalar(scalar)),
    }
}

/// How a local goes in, as an argument.
pub(super) fn argument(edit: &mut Edit<'_>, capture: &Capture) -> ExprId {
    let place = Place::local(capture.local);
    match capture.by_reference {
        true => edit.expr(ExprKind::Borrow(place), capture.ty.clone()),
        false => edit.load_place(place),
    }
}

/// Whether a body may store to memory that it shares: through pointers, or to arrays that are lent to it. The analysis counts on it that
/// nothing else does (`Reader::stores`).
pub(super) fn stores(func: &Function, for_loop: &Loop, captures: &[Capture]) -> bool {
    let mut stores = may_store(func, &for_loop.body);
    let lent = |local| (captures.iter()).any(|lent| lent.by_reference && lent.local == local);
    for_loop.body.for_each_stmt(|stmt| {
        stores |= (stmt.kind.place())
            .is_some_and(|place| is_behind_pointer(func, place) || lent(place.local));
    });
    stores
}
