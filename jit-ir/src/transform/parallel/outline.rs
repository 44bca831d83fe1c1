//! Moves the body of a loop into a function of its own, and makes the one that combines its accumulators.

use std::collections::{HashMap, HashSet};

use crate::analysis::effects::{Effects, is_behind_pointer};
use crate::analysis::parallel::{Finding, ReduceOp, Reduction, ReductionKind};
use crate::arena::Arena;
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, Projection, SiteId};
use crate::func::{Function, Local, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

use super::super::edit::Edit;

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
    fn ty(&self, func: &Function) -> Ty {
        func.locals[self.own].ty.clone()
    }

    fn reference(&self, func: &Function) -> Ty {
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
    /// The variable's value in the first iteration.
    pub(super) from: LocalId,
    /// The distance, if it is not 1.
    pub(super) step: Option<LocalId>,
    /// Whether it may be a range from `from + first` to `from + behind`.
    pub(super) plain: bool,
}

/// Copies parts of one function into another.
struct Importer<'f> {
    source: &'f Function,
    target: Function,
    locals: HashMap<LocalId, Place>,
    sites: HashMap<SiteId, SiteId>,
    tables: HashMap<u32, u32>,
}

fn empty_function(source: &Function, name: String, result: Ty) -> Function {
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

fn result_of(types: &[Ty]) -> Ty {
    match types {
        [] => Ty::Unit,
        [one] => one.clone(),
        all => Ty::Tuple(all.to_vec()),
    }
}

fn add_param(func: &mut Function, name: &str, ty: Ty, mutable: bool) -> LocalId {
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
    };
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
    captures.push(importer.capture(counting.from, false));
    if let Some(step) = counting.step {
        captures.push(importer.capture(step, false));
    }
    let mut written = Effects::of_block(func, &for_loop.body).assigned;
    lent_mutably(func, &for_loop.body, &mut written);
    for local in importer.mentioned(for_loop) {
        if local == for_loop.var
            || accumulators.contains(&local)
            || finding.privates.contains(&local)
            || arrays.iter().any(|array| array.own == local)
        {
            continue;
        }
        captures.push(importer.capture(local, written.contains(&local)));
    }

    let var = for_loop.var;
    let owns: Vec<LocalId> = arrays.iter().map(|array| importer.own(array.own)).collect();
    let mut stmts = Vec::new();
    for (&own, start) in owns.iter().zip(starts) {
        importer.target.locals[own].mutable = true;
        let mut edit = Edit::with_labels(&mut importer.target, span, 0);
        let value = edit.load_place(Place::local(start).deref());
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

fn return_of(edit: &mut Edit<'_>, locals: &[LocalId], result: &Ty) -> Option<Stmt> {
    let mut values: Vec<ExprId> = locals.iter().map(|&local| edit.load(local)).collect();
    let value = match values.len() {
        0 => return None,
        1 => values.remove(0),
        _ => edit.expr(ExprKind::Tuple(values), result.clone()),
    };
    Some(edit.stmt(StmtKind::Return(Some(value))))
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
        let (counter, start, end) = match counting.plain {
            true => {
                let mut edit = Edit::with_labels(&mut self.target, span, 0);
                let mut bound = |number: LocalId| {
                    let number = edit.load(number);
                    let number = cast(&mut edit, number, scalar);
                    let from = edit.load_place(from.clone());
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

/// What chunks start from, for the accumulator and what is noted with it.
fn identities_of(func: &Function, reduction: &Reduction) -> Option<Vec<ConstValue>> {
    let scalar = func.locals[reduction.local].ty.as_scalar()?;
    Some(match &reduction.kind {
        ReductionKind::Op(op) => vec![identity(func, *op, scalar)?],
        ReductionKind::Extremum { least, with, .. } => {
            let mut all = vec![extreme(func, scalar, *least)];
            for &local in with {
                all.push(zero(func.locals[local].ty.as_scalar()?));
            }
            all
        }
    })
}

/// What changes no value of this type, to the bit.
fn identity(func: &Function, op: ReduceOp, scalar: ScalarTy) -> Option<ConstValue> {
    let float = |value: f64| match scalar {
        ScalarTy::F32 => ConstValue::F32((value as f32).to_bits()),
        _ => ConstValue::F64(value.to_bits()),
    };
    let ones = |scalar: ScalarTy| u128::MAX >> (128 - scalar.bits());
    Some(match (op, scalar) {
        (ReduceOp::Add, _) if scalar.is_float() => float(-0.0),
        (ReduceOp::Mul, _) if scalar.is_float() => float(1.0),
        // Beside it the other operand counts.
        (ReduceOp::Min | ReduceOp::Max, _) if scalar.is_float() && !func.fastmath.nnan => {
            float(f64::NAN)
        }
        (ReduceOp::Min | ReduceOp::Max, _) => extreme(func, scalar, op == ReduceOp::Min),
        (_, ScalarTy::F32 | ScalarTy::F64) => return None,
        (ReduceOp::And, ScalarTy::Bool) => ConstValue::Bool(true),
        (ReduceOp::Or | ReduceOp::Xor, ScalarTy::Bool) => ConstValue::Bool(false),
        (_, ScalarTy::Bool) => return None,
        (ReduceOp::Add | ReduceOp::Or | ReduceOp::Xor, _) => ConstValue::Int(0),
        (ReduceOp::Mul, _) => ConstValue::Int(1),
        (ReduceOp::And, _) => ConstValue::Int(ones(scalar)),
    })
}

/// The greatest or the least value of a type: no value compares beyond it.
fn extreme(func: &Function, scalar: ScalarTy, greatest: bool) -> ConstValue {
    let sign = if greatest { 1.0 } else { -1.0 };
    match scalar {
        ScalarTy::Bool => ConstValue::Bool(greatest),
        ScalarTy::F32 => {
            let value = if func.fastmath.ninf {
                f32::MAX
            } else {
                f32::INFINITY
            };
            ConstValue::F32((value * sign as f32).to_bits())
        }
        ScalarTy::F64 => {
            let value = if func.fastmath.ninf {
                f64::MAX
            } else {
                f64::INFINITY
            };
            ConstValue::F64((value * sign).to_bits())
        }
        _ => {
            let ones = u128::MAX >> (128 - scalar.bits());
            ConstValue::Int(match (scalar.is_signed_int(), greatest) {
                (false, true) => ones,
                (false, false) => 0,
                (true, true) => ones >> 1,
                (true, false) => 1 << (scalar.bits() - 1),
            })
        }
    }
}

fn zero(scalar: ScalarTy) -> ConstValue {
    match scalar {
        ScalarTy::Bool => ConstValue::Bool(false),
        ScalarTy::F32 => ConstValue::F32(0),
        ScalarTy::F64 => ConstValue::F64(0),
        _ => ConstValue::Int(0),
    }
}

/// `fn(left.., right..) -> accumulators`.
fn combiner(
    source: &Function,
    name: &str,
    span: Span,
    reductions: &[Reduction],
    arrays: &[ArrayAccumulator],
    types: &[Ty],
) -> Option<Function> {
    let result = result_of(types);
    let mut func = empty_function(source, format!("{name}::combine"), result.clone());
    let mut sides = [Vec::new(), Vec::new()];
    for (side, (prefix, mutable)) in sides.iter_mut().zip([("$left", true), ("$right", false)]) {
        for (number, ty) in types.iter().enumerate() {
            let name = format!("{prefix}{number}");
            // Those of arrays come last, by reference.
            let array = (number + arrays.len()).checked_sub(types.len());
            let by_reference = array.map(|array| arrays[array].reference(source));
            let mutable = mutable && by_reference.is_none();
            let ty = by_reference.unwrap_or_else(|| ty.clone());
            side.push(add_param(&mut func, &name, ty, mutable));
        }
    }
    let mut stmts = Vec::new();
    let mut at = 0;
    for reduction in reductions {
        let (left, right) = (sides[0][at], sides[1][at]);
        let site = reduction.site.map(|site| {
            let site = source.sites[site].clone();
            func.sites.push(site)
        });
        let mut edit = Edit::with_labels(&mut func, span, 0);
        let (a, b) = (edit.load(left), edit.load(right));
        at += 1;
        match &reduction.kind {
            ReductionKind::Op(op) => {
                let value = combined(&mut edit, *op, a, b, site);
                stmts.push(edit.set(left, value));
            }
            ReductionKind::Extremum {
                least,
                strict,
                with,
            } => {
                let op = match (least, strict) {
                    (true, true) => BinaryOp::Lt,
                    (true, false) => BinaryOp::Le,
                    (false, true) => BinaryOp::Gt,
                    (false, false) => BinaryOp::Ge,
                };
                let cond = edit.binary(op, b, a);
                let mut then = Vec::new();
                let all = at - 1..at + with.len();
                for (&to, &from) in sides[0][all.clone()].iter().zip(&sides[1][all]) {
                    let value = edit.load(from);
                    then.push(edit.set(to, value));
                }
                stmts.push(edit.if_then(cond, then, Vec::new()));
                at += with.len();
            }
        }
    }
    let mut edit = Edit::with_labels(&mut func, span, 0);
    for array in arrays {
        let (left, right) = (sides[0][at], sides[1][at]);
        let sum = edit.temporary("sum", array.ty(source));
        let start = edit.load_place(Place::local(left).deref());
        stmts.push(edit.set(sum, start));
        let counter = edit.counter("element");
        let Ty::Array { len, .. } = array.ty(source) else {
            return None;
        };
        let element = |edit: &mut Edit<'_>, place: Place| {
            let index = edit.load(counter);
            place.index(index, None)
        };
        let to = element(&mut edit, Place::local(sum));
        let update = {
            let (own, other) = (
                element(&mut edit, Place::local(sum)),
                element(&mut edit, Place::local(right).deref()),
            );
            let (own, other) = (edit.load_place(own), edit.load_place(other));
            let value = combined(&mut edit, array.op, own, other, None);
            edit.assign(to, value)
        };
        let bounds = (edit.usize(0), edit.usize(len), 1);
        stmts.push(edit.for_loop(counter, bounds, LoopHints::default(), vec![update]));
        sides[0][at] = sum;
        at += 1;
    }
    stmts.extend(return_of(&mut edit, &sides[0], &result));
    func.body = Block { stmts };
    Some(func)
}

/// Two values as one.
pub(super) fn combined(
    edit: &mut Edit<'_>,
    op: ReduceOp,
    lhs: ExprId,
    rhs: ExprId,
    site: Option<SiteId>,
) -> ExprId {
    let op = match op {
        ReduceOp::Min => return edit.min(lhs, rhs),
        ReduceOp::Max => return edit.max(lhs, rhs),
        ReduceOp::Add => BinaryOp::Add,
        ReduceOp::Mul => BinaryOp::Mul,
        ReduceOp::And => BinaryOp::BitAnd,
        ReduceOp::Or => BinaryOp::BitOr,
        ReduceOp::Xor => BinaryOp::BitXor,
    };
    let ty = edit.ty(lhs).clone();
    edit.expr(ExprKind::Binary { op, lhs, rhs, site }, ty)
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
    let mut stores = Effects::of_block(func, &for_loop.body).stores();
    let lent = |local| (captures.iter()).any(|lent| lent.by_reference && lent.local == local);
    for_loop.body.for_each_stmt(|stmt| {
        stores |= (stmt.kind.place())
            .is_some_and(|place| is_behind_pointer(func, place) || lent(place.local));
    });
    stores
}
