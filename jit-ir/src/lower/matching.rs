//! `match`, `if let`, `while let`, `let .. else`, `matches!`: a pattern becomes a condition on a [`Subject`], and the names that it binds.

use super::binding::Binding;
use super::diag::Code;
use super::infer::{ITy, Len};
use super::state::{Lowering, Value};
use super::subject::{Mode, Subject};
use super::types::field_index;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Projection};
use crate::func::LocalId;
use crate::hir::{self, Span};
use crate::stmt::{Block, Label, StmtKind};

/// Where the values of several branches come together.
#[derive(Default)]
pub(super) struct Join {
    /// The variable that they are put into.
    temp: Option<(LocalId, ITy)>,
    /// Whether a branch ends without a value.
    unit: bool,
}

impl Lowering<'_> {
    /// The end of a branch: its value goes to where the others go.
    pub(super) fn join(&mut self, join: &mut Join, value: Value, span: Span) {
        match value {
            Value::Never => {}
            Value::Unit => {
                join.unit = true;
                if let Some((_, ty)) = &join.temp {
                    let ty = ty.clone();
                    self.expect_ty(&ITy::Unit, &ty, span);
                }
            }
            Value::Expr(value) => {
                if join.unit {
                    let ty = self.ty_of(value);
                    self.expect_ty(&ty, &ITy::Unit, self.span_of(value));
                    return;
                }
                let (temp, ty) = match &join.temp {
                    Some((temp, ty)) => (*temp, ty.clone()),
                    None => {
                        let ty = self.ty_of(value);
                        let temp = self.push_temp(ty.clone(), true, span);
                        join.temp = Some((temp, ty.clone()));
                        (temp, ty)
                    }
                };
                self.expect_expr(value, &ty);
                self.assign(temp, value);
            }
        }
    }

    /// The value of all branches together.
    pub(super) fn joined(&mut self, join: &Join, span: Span) -> Value {
        match &join.temp {
            Some((temp, _)) => Value::Expr(self.load_local(*temp, span)),
            None if join.unit => Value::Unit,
            None => Value::Never,
        }
    }

    pub(super) fn lower_match(&mut self, expr: &hir::ExprMatch) -> Value {
        let span = expr.match_token;
        let Some(subject) = self.lower_subject(&expr.expr) else {
            // Dead code, or a match on `()`.
            let ((), _) = self.in_frame(|this| {
                for arm in &expr.arms {
                    this.in_scope(|this| {
                        this.bind_names_of(&arm.pat);
                        this.lower_expr(&arm.body);
                    });
                }
            });
            return Value::Never;
        };
        let leave = self.new_label();
        let mut join = Join::default();
        let ((), stmts) = self.in_frame(|this| {
            let arms = arms_of(expr);
            for (index, (pat, arm)) in arms.iter().enumerate() {
                // rustc has checked that the arms cover everything, so the last one needs no test.
                let is_last = index + 1 == arms.len() && arm.guard.is_none();
                this.lower_arm(&subject, pat, arm, is_last, leave, &mut join);
            }
        });
        let label = leave;
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label, body }, span);
        self.joined(&join, span)
    }

    fn lower_arm(
        &mut self,
        subject: &Subject,
        pat: &hir::Pat,
        arm: &hir::Arm,
        is_last: bool,
        leave: Label,
        join: &mut Join,
    ) {
        let span = pat.span();
        self.in_scope(|this| {
            let test = this.pattern_test(pat, subject, Mode::Move);
            let ((), stmts) = this.in_frame(|this| {
                this.bind_pattern(pat, subject, Mode::Move);
                let Some(guard) = &arm.guard else {
                    return this.lower_arm_body(arm, leave, join);
                };
                let cond = this.lower_condition(guard);
                let ((), stmts) = this.in_frame(|this| this.lower_arm_body(arm, leave, join));
                let then = Block { stmts };
                this.emit_when(cond, then, Block::default(), span);
            });
            match test {
                Some(cond) if !is_last => {
                    let then = Block { stmts };
                    this.emit_when(cond, then, Block::default(), span);
                }
                Some(cond) => {
                    this.discard(cond);
                    this.emit_all(stmts);
                }
                None => this.emit_all(stmts),
            }
        });
    }

    /// The body of an arm, and the way out.
    fn lower_arm_body(&mut self, arm: &hir::Arm, leave: Label, join: &mut Join) {
        let span = arm.body.span();
        let value = self.lower_expr(&arm.body);
        let never = matches!(value, Value::Never);
        self.join(join, value, span);
        if !never {
            self.emit(StmtKind::Break(leave), span);
        }
    }

    /// `if` with `let` in its condition.
    pub(super) fn lower_if_let(&mut self, expr: &hir::ExprIf) -> Value {
        let span = expr.if_token;
        let (leave, otherwise) = (self.new_label(), self.new_label());
        let mut join = Join::default();
        let ((), stmts) = self.in_frame(|this| {
            let ((), stmts) = this.in_frame(|this| {
                this.in_scope(|this| {
                    this.lower_conjuncts(&expr.cond, otherwise);
                    let value = this.lower_block(&expr.then_branch);
                    let never = matches!(value, Value::Never);
                    this.join(&mut join, value, span);
                    if !never {
                        this.emit(StmtKind::Break(leave), span);
                    }
                });
            });
            let label = otherwise;
            let body = Block { stmts };
            this.emit(StmtKind::Labeled { label, body }, span);
            let value = match &expr.else_branch {
                Some(branch) => this.lower_expr(branch),
                None => Value::Unit,
            };
            this.join(&mut join, value, span);
        });
        let label = leave;
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label, body }, span);
        self.joined(&join, span)
    }

    /// Conditions joined by `&&`, some of them `let`: control goes on where all hold, with the names bound; else it leaves `label`.
    pub(super) fn lower_conjuncts(&mut self, cond: &hir::Expr, label: Label) {
        match cond {
            hir::Expr::Binary(binary)
                if matches!(binary.op, hir::BinOp::And(_)) && has_let(cond) =>
            {
                self.lower_conjuncts(&binary.left, label);
                self.lower_conjuncts(&binary.right, label);
            }
            hir::Expr::Let(cond) => {
                let span = cond.let_token;
                let Some(subject) = self.lower_subject(&cond.expr) else {
                    self.bind_names_of(&cond.pat);
                    return;
                };
                let test = self.pattern_test(&cond.pat, &subject, Mode::Move);
                if let Some(test) = test {
                    self.leave_unless(test, label, span);
                }
                self.bind_pattern(&cond.pat, &subject, Mode::Move);
            }
            hir::Expr::Paren(inner) if has_let(cond) => self.lower_conjuncts(&inner.expr, label),
            hir::Expr::Group(inner) => self.lower_conjuncts(&inner.expr, label),
            _ => {
                let test = self.lower_condition(cond);
                self.leave_unless(test, label, cond.span());
            }
        }
    }

    fn leave_unless(&mut self, cond: ExprId, label: Label, span: Span) {
        let ((), stmts) = self.in_frame(|this| this.emit(StmtKind::Break(label), span));
        self.emit_when(cond, Block::default(), Block { stmts }, span);
    }

    /// `let pat = value else { .. };`
    pub(super) fn lower_let_else(
        &mut self,
        pat: &hir::Pat,
        value: &hir::Expr,
        otherwise: &hir::Expr,
        span: Span,
    ) -> Value {
        let (pat, ty) = match pat {
            hir::Pat::Type(typed) => (&*typed.pat, self.lower_ty(&typed.ty)),
            pat => (pat, None),
        };
        let Some(subject) = self.lower_subject(value) else {
            self.bind_names_of(pat);
            return Value::Never;
        };
        if let Some(ty) = ty {
            let found = self.subject_ty(&subject);
            self.expect_ty(&found, &ty, pat.span());
        }
        if let Some(test) = self.pattern_test(pat, &subject, Mode::Move) {
            let (_, stmts) = self.in_frame(|this| this.lower_expr(otherwise));
            self.emit_when(test, Block::default(), Block { stmts }, span);
        }
        self.bind_pattern(pat, &subject, Mode::Move);
        Value::Unit
    }

    /// `matches!(expr, pat if guard)`.
    pub(super) fn lower_matches(
        &mut self,
        expr: &hir::Expr,
        pat: &hir::Pat,
        guard: Option<&hir::Expr>,
        span: Span,
    ) -> Value {
        let Some(subject) = self.lower_subject(expr) else {
            return Value::Never;
        };
        let test = self.pattern_test(pat, &subject, Mode::Move);
        let test = test.unwrap_or_else(|| self.truth(true, span));
        let Some(guard) = guard else {
            return Value::Expr(test);
        };
        let temp = self.push_temp(ITy::BOOL, true, span);
        let no = self.truth(false, span);
        self.assign(temp, no);
        let ((), stmts) = self.in_frame(|this| {
            this.in_scope(|this| {
                this.bind_pattern(pat, &subject, Mode::Move);
                let guard = this.lower_condition(guard);
                this.assign(temp, guard);
            });
        });
        let then = Block { stmts };
        self.emit_when(test, then, Block::default(), span);
        Value::Expr(self.load_local(temp, span))
    }

    pub(super) fn truth(&mut self, value: bool, span: Span) -> ExprId {
        let value = ExprKind::Const(ConstValue::Bool(value));
        self.push_expr(value, ITy::BOOL, span)
    }

    /// `left && right`, where there are both.
    pub(super) fn both(
        &mut self,
        left: Option<ExprId>,
        right: Option<ExprId>,
        span: Span,
    ) -> Option<ExprId> {
        match (left, right) {
            (Some(lhs), Some(rhs)) => Some(self.short_circuit(false, lhs, rhs, span)),
            (one, other) => one.or(other),
        }
    }

    fn short_circuit(&mut self, or: bool, lhs: ExprId, rhs: ExprId, span: Span) -> ExprId {
        self.push_expr(ExprKind::ShortCircuit { or, lhs, rhs }, ITy::BOOL, span)
    }

    fn compare(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId, span: Span) -> ExprId {
        let kind = ExprKind::Binary {
            op,
            lhs,
            rhs,
            site: None,
        };
        self.push_expr(kind, ITy::BOOL, span)
    }

    /// Whether the subject matches; `None` if it always does.
    pub(super) fn pattern_test(
        &mut self,
        pat: &hir::Pat,
        subject: &Subject,
        mode: Mode,
    ) -> Option<ExprId> {
        let span = pat.span();
        match pat {
            hir::Pat::Paren(inner) => return self.pattern_test(&inner.pat, subject, mode),
            hir::Pat::Type(typed) => {
                if let Some(ty) = self.lower_ty(&typed.ty) {
                    let found = self.subject_ty(subject);
                    self.expect_ty(&found, &ty, span);
                }
                return self.pattern_test(&typed.pat, subject, mode);
            }
            hir::Pat::Wild(_) | hir::Pat::Rest(_) => return None,
            hir::Pat::Ident(pat) if !self.is_constant_pattern(pat) => {
                let (_, inner) = pat.subpat.as_ref()?;
                return self.pattern_test(inner, subject, mode);
            }
            hir::Pat::Or(or) => {
                let mut tests = Vec::new();
                for case in &or.cases {
                    tests.push(self.pattern_test(case, subject, mode)?);
                }
                return tests
                    .into_iter()
                    .reduce(|lhs, rhs| self.short_circuit(true, lhs, rhs, span));
            }
            hir::Pat::Reference(reference) => {
                let ty = self.subject_ty(subject);
                if let ITy::Var(_) = ty {
                    let to = Box::new(self.infer.fresh());
                    let mutable = reference.mutability;
                    self.expect_ty(&ty, &ITy::Ref { to, mutable }, span);
                }
                let Some((subject, _)) = self.subject_behind(subject, span) else {
                    return self.unmatched(pat, subject, "a reference");
                };
                return self.pattern_test(&reference.pat, &subject, Mode::Move);
            }
            hir::Pat::Refused(refusal) => {
                self.diags.refuse(refusal);
                return None;
            }
            _ => {}
        }
        // The other patterns look through references.
        if let Some((subject, mode)) = self.subject_behind(subject, span) {
            return self.pattern_test(pat, &subject, mode);
        }
        self.test_refutable(pat, subject, mode)
    }

    fn test_refutable(&mut self, pat: &hir::Pat, subject: &Subject, mode: Mode) -> Option<ExprId> {
        let span = pat.span();
        match pat {
            hir::Pat::Lit(lit) => {
                let value = self.lower_literal_pattern(&lit.lit);
                Some(self.test_equal(subject, value, span))
            }
            hir::Pat::Expr(expr) => {
                let value = self.lower_operand(expr);
                Some(self.test_equal(subject, value, span))
            }
            hir::Pat::Range(range) => self.test_range(range, subject),
            hir::Pat::Path(path) => self.test_path(path, subject),
            hir::Pat::Ident(pat) => {
                let path = hir::Path {
                    leading_colon: false,
                    segments: vec![hir::PathSegment {
                        ident: pat.ident.clone(),
                        arguments: hir::PathArguments::None,
                    }],
                    span: pat.ident.span,
                };
                let path = hir::ExprPath {
                    qself: None,
                    path,
                    span: pat.span,
                };
                self.test_path(&path, subject)
            }
            _ => {
                let mut test = None;
                let tag = self.variant_test(pat, subject);
                test = self.both(test, tag, span);
                let parts = self.parts(pat, subject)?;
                for (part, subject) in parts {
                    let inner = self.pattern_test(part, &subject, mode);
                    test = self.both(test, inner, span);
                }
                test
            }
        }
    }

    fn test_equal(&mut self, subject: &Subject, value: ExprId, span: Span) -> ExprId {
        let ty = self.subject_ty(subject);
        self.expect_expr(value, &ty);
        let found = self.subject_value(subject, span);
        self.compare(BinaryOp::Eq, found, value, span)
    }

    fn test_range(&mut self, range: &hir::PatRange, subject: &Subject) -> Option<ExprId> {
        let span = range.span;
        let ty = self.subject_ty(subject);
        let mut test = None;
        let upper = match range.limits {
            hir::RangeLimits::HalfOpen(_) => BinaryOp::Lt,
            hir::RangeLimits::Closed(_) => BinaryOp::Le,
        };
        for (bound, op) in [(&range.start, BinaryOp::Ge), (&range.end, upper)] {
            let Some(bound) = bound else { continue };
            let bound = match &**bound {
                hir::Expr::Lit(lit) => self.lower_literal_pattern(&lit.lit),
                bound => self.lower_operand(bound),
            };
            self.expect_expr(bound, &ty);
            let found = self.subject_value(subject, span);
            let holds = self.compare(op, found, bound, span);
            test = self.both(test, Some(holds), span);
        }
        test
    }

    /// A literal in a pattern, where `-1` is one token.
    fn lower_literal_pattern(&mut self, lit: &hir::Lit) -> ExprId {
        let positive = |digits: &str| digits.strip_prefix('-').map(str::to_owned);
        match lit {
            hir::Lit::Int(lit) if lit.digits.starts_with('-') => {
                let mut lit = lit.clone();
                lit.digits = positive(&lit.digits).unwrap_or_default();
                self.lower_literal(&hir::Lit::Int(lit), true)
            }
            hir::Lit::Float(lit) if lit.digits.starts_with('-') => {
                let mut lit = lit.clone();
                lit.digits = positive(&lit.digits).unwrap_or_default();
                self.lower_literal(&hir::Lit::Float(lit), true)
            }
            lit => self.lower_literal(lit, false),
        }
    }

    fn test_path(&mut self, path: &hir::ExprPath, subject: &Subject) -> Option<ExprId> {
        let span = path.span();
        if path.path.is_ident("None") {
            let ty = self.subject_ty(subject);
            let some = Box::new(self.infer.fresh());
            self.expect_ty(&ty, &ITy::Option(some), span);
            let is_some = self.tag_of(subject, span);
            return Some(self.not(is_some, span));
        }
        let value = self.lower_path(path);
        // A unit struct has one value.
        if let ITy::Struct(_) = self.infer.shallow(&self.ty_of(value)) {
            return None;
        }
        Some(self.test_equal(subject, value, span))
    }

    pub(super) fn not(&mut self, operand: ExprId, span: Span) -> ExprId {
        let kind = ExprKind::Unary {
            op: crate::expr::UnaryOp::Not,
            operand,
            site: None,
        };
        self.push_expr(kind, ITy::BOOL, span)
    }

    /// Whether an `Option` is `Some`, or a `Result` `Ok`.
    pub(super) fn tag_of(&mut self, subject: &Subject, span: Span) -> ExprId {
        let tag = self.subject_field(subject, 0, ITy::BOOL, span);
        self.subject_value(&tag, span)
    }

    fn variant_test(&mut self, pat: &hir::Pat, subject: &Subject) -> Option<ExprId> {
        let hir::Pat::TupleStruct(pat) = pat else {
            return None;
        };
        let span = pat.span;
        let ty = self.subject_ty(subject);
        match pat.path.path.segments.last()?.ident.name.as_str() {
            "Some" => {
                let some = Box::new(self.infer.fresh());
                self.expect_ty(&ty, &ITy::Option(some), span);
                Some(self.tag_of(subject, span))
            }
            name @ ("Ok" | "Err") => {
                let (ok, err) = (Box::new(self.infer.fresh()), Box::new(self.infer.fresh()));
                self.expect_ty(&ty, &ITy::Result(ok, err), span);
                let tag = self.tag_of(subject, span);
                Some(if name == "Ok" {
                    tag
                } else {
                    self.not(tag, span)
                })
            }
            _ => None,
        }
    }

    /// The patterns inside a pattern, each with its part of the subject. `None`: reported.
    fn parts<'p>(
        &mut self,
        pat: &'p hir::Pat,
        subject: &Subject,
    ) -> Option<Vec<(&'p hir::Pat, Subject)>> {
        let span = pat.span();
        let ty = self.subject_ty(subject);
        if matches!(ty, ITy::Unknown(_)) {
            // Only rustc knows; the names are bound all the same.
            let unknown = Subject::Value(self.poison(span));
            let inner: Vec<_> = match pat {
                hir::Pat::Tuple(pat) => pat.elems.iter().collect(),
                hir::Pat::TupleStruct(pat) => pat.elems.iter().collect(),
                hir::Pat::Slice(pat) => pat.elems.iter().collect(),
                hir::Pat::Struct(pat) => pat.fields.iter().map(|field| &field.pat).collect(),
                _ => Vec::new(),
            };
            return Some((inner.into_iter().map(|pat| (pat, unknown.clone()))).collect());
        }
        match pat {
            hir::Pat::Tuple(tuple) => {
                let arity = match &ty {
                    ITy::Tuple(elems) => elems.len(),
                    ITy::Struct(info) => info.fields.len(),
                    ITy::Unit if tuple.elems.is_empty() => return Some(Vec::new()),
                    ITy::Var(_) => {
                        let has_rest = tuple.elems.iter().any(is_rest);
                        let elems = (tuple.elems.iter()).map(|_| self.infer.fresh()).collect();
                        if !has_rest {
                            self.expect_ty(&ty, &ITy::Tuple(elems), span);
                        }
                        tuple.elems.len()
                    }
                    _ => {
                        self.unmatched(pat, subject, "a tuple");
                        return None;
                    }
                };
                self.positional(&tuple.elems, arity, subject, span)
            }
            hir::Pat::TupleStruct(tuple) => {
                let name = (tuple.path.path.segments.last()?).ident.name.as_str();
                let payload = match (name, &ty) {
                    ("Some", ITy::Option(some)) => Some((1, (**some).clone())),
                    ("Ok", ITy::Result(ok, _)) => Some((1, (**ok).clone())),
                    ("Err", ITy::Result(_, err)) => Some((2, (**err).clone())),
                    _ => None,
                };
                if let Some((index, ty)) = payload {
                    let [inner] = tuple.elems.as_slice() else {
                        self.unmatched(pat, subject, "one value");
                        return None;
                    };
                    let part = self.subject_field(subject, index, ty, span);
                    return Some(vec![(inner, part)]);
                }
                let ITy::Struct(info) = &ty else {
                    self.unmatched(pat, subject, "this");
                    return None;
                };
                self.positional(&tuple.elems, info.fields.len(), subject, span)
            }
            hir::Pat::Struct(pat) => {
                let ITy::Struct(info) = &ty else {
                    self.diags.report(
                        Code::Pattern,
                        span,
                        "this pattern cannot be captured by `#[jit]`",
                        "match on structs with named fields, tuples and numbers",
                    );
                    return None;
                };
                let mut parts = Vec::new();
                for field in &pat.fields {
                    let name = member_name(&field.member);
                    let Some((index, ty)) = field_index(info, &name) else {
                        continue;
                    };
                    let part = self.subject_field(subject, index, ty, span);
                    parts.push((&field.pat, part));
                }
                Some(parts)
            }
            hir::Pat::Slice(slice) => self.slice_parts(slice, subject, &ty),
            _ => {
                self.unmatched(pat, subject, "this");
                None
            }
        }
    }

    /// Patterns of the elements of a tuple or tuple struct, with a `..` among them, perhaps.
    fn positional<'p>(
        &mut self,
        pats: &'p [hir::Pat],
        arity: usize,
        subject: &Subject,
        span: Span,
    ) -> Option<Vec<(&'p hir::Pat, Subject)>> {
        let ty = self.subject_ty(subject);
        let rest = pats.iter().position(is_rest);
        let fits = match rest {
            None => pats.len() == arity,
            Some(_) => pats.len() <= arity + 1,
        };
        if !fits {
            let shown = self.show(&ty);
            self.diags.report(
                Code::Mismatch,
                span,
                format!("this pattern has another number of elements than `{shown}`"),
                "name each element, or leave some out with `..`",
            );
            return None;
        }
        let mut parts = Vec::new();
        for (at, pat) in pats.iter().enumerate() {
            let index = match rest {
                Some(rest) if at == rest => continue,
                Some(rest) if at > rest => arity - (pats.len() - at),
                _ => at,
            };
            let part = match &ty {
                ITy::Tuple(tys) => {
                    let ty = tys.get(index)?.clone();
                    self.subject_field(subject, index as u32, ty, span)
                }
                ITy::Struct(info) => {
                    let (name, ..) = info.fields.get(index)?;
                    let (index, ty) = field_index(info, name)?;
                    self.subject_field(subject, index, ty, span)
                }
                _ => return None,
            };
            parts.push((pat, part));
        }
        Some(parts)
    }

    /// `[first, .., last]` of an array; slices have no known length.
    fn slice_parts<'p>(
        &mut self,
        slice: &'p hir::PatSlice,
        subject: &Subject,
        ty: &ITy,
    ) -> Option<Vec<(&'p hir::Pat, Subject)>> {
        let (
            ITy::Array {
                elem,
                len: Len::Known(len),
            },
            Subject::Place(place, _),
        ) = (ty, subject)
        else {
            self.diags.report(
                Code::Pattern,
                slice.span,
                "patterns of slices cannot be captured by `#[jit]`",
                "index the slice",
            );
            return None;
        };
        let rest = slice.elems.iter().position(is_rest);
        let mut parts = Vec::new();
        for (at, pat) in slice.elems.iter().enumerate() {
            let index = match rest {
                Some(rest) if at == rest => continue,
                Some(rest) if at > rest => (*len).checked_sub((slice.elems.len() - at) as u64)?,
                _ => at as u64,
            };
            let index = self.integer(u128::from(index), ITy::USIZE, slice.span);
            let mut place = self.copy_place(place);
            place
                .projections
                .push(Projection::Index { index, site: None });
            parts.push((pat, Subject::Place(place, (**elem).clone())));
        }
        Some(parts)
    }

    fn unmatched(&mut self, pat: &hir::Pat, subject: &Subject, what: &str) -> Option<ExprId> {
        let ty = self.subject_ty(subject);
        if !self.is_reported(&ty) && self.diags.is_empty() {
            let shown = self.show(&ty);
            self.diags.report(
                Code::Mismatch,
                pat.span(),
                format!("a value of type `{shown}` is not {what}"),
                "match on numbers, tuples, structs, `Option` and `Result`",
            );
        }
        None
    }

    /// Whether an identifier in a pattern names a constant: those of other items, and `None`, start with an uppercase letter.
    pub(super) fn is_constant_pattern(&self, pat: &hir::PatIdent) -> bool {
        if pat.by_ref.is_some() || pat.mutability || pat.subpat.is_some() {
            return false;
        }
        match self.lookup_binding(&pat.ident) {
            Some(Binding::Local(local)) => self.constants.contains(&local),
            Some(Binding::Alias(_)) | None => Self::is_item_name(&pat.ident.name),
        }
    }

    /// Binds the names of a pattern that matches.
    pub(super) fn bind_pattern(&mut self, pat: &hir::Pat, subject: &Subject, mode: Mode) {
        let span = pat.span();
        match pat {
            hir::Pat::Paren(inner) => self.bind_pattern(&inner.pat, subject, mode),
            hir::Pat::Type(typed) => self.bind_pattern(&typed.pat, subject, mode),
            hir::Pat::Ident(pat) if !self.is_constant_pattern(pat) => {
                let mode = match &pat.by_ref {
                    Some(_) => Mode::Ref {
                        mutable: pat.mutability,
                    },
                    None => mode,
                };
                let mutable = pat.by_ref.is_none() && pat.mutability;
                self.bind_subject(&pat.ident, mutable, subject, mode);
                if let Some((_, inner)) = &pat.subpat {
                    self.bind_pattern(inner, subject, mode);
                }
            }
            hir::Pat::Or(or) => {
                // Cases that bind names were taken apart into arms of their own.
                let mut binds = false;
                pat.for_each_ident(&mut |ident| binds |= !self.is_constant_pattern(ident));
                if binds {
                    self.diags.report(
                        Code::Pattern,
                        or.span,
                        "alternatives inside a pattern that bind names cannot be captured by `#[jit]`",
                        "write an arm for each alternative",
                    );
                    self.bind_names_of(pat);
                }
            }
            hir::Pat::Reference(reference) => {
                if let Some((subject, _)) = self.subject_behind(subject, span) {
                    self.bind_pattern(&reference.pat, &subject, Mode::Move);
                } else {
                    self.bind_names_of(&reference.pat);
                }
            }
            hir::Pat::Tuple(_)
            | hir::Pat::TupleStruct(_)
            | hir::Pat::Struct(_)
            | hir::Pat::Slice(_) => {
                if let Some((subject, mode)) = self.subject_behind(subject, span) {
                    return self.bind_pattern(pat, &subject, mode);
                }
                match self.parts(pat, subject) {
                    Some(parts) => {
                        for (inner, part) in parts {
                            self.bind_pattern(inner, &part, mode);
                        }
                    }
                    None => self.bind_names_of(pat),
                }
            }
            hir::Pat::Ident(_)
            | hir::Pat::Wild(_)
            | hir::Pat::Rest(_)
            | hir::Pat::Lit(_)
            | hir::Pat::Path(_)
            | hir::Pat::Range(_)
            | hir::Pat::Expr(_)
            | hir::Pat::Refused(_) => {}
        }
    }

    fn bind_subject(&mut self, ident: &hir::Ident, mutable: bool, subject: &Subject, mode: Mode) {
        let span = ident.span();
        let value = match mode {
            Mode::Move => self.subject_value(subject, span),
            Mode::Ref { mutable } => self.subject_ref(subject, mutable, span),
        };
        if !mutable && self.is_stable(value) {
            self.bind_as(ident, Binding::Alias(value));
            return;
        }
        self.bind_value(ident, mutable, value);
    }
}

/// The arms of a `match`; one whose alternatives bind names becomes an arm for each.
fn arms_of(expr: &hir::ExprMatch) -> Vec<(&hir::Pat, &hir::Arm)> {
    let mut arms = Vec::new();
    for arm in &expr.arms {
        let mut pat = &arm.pat;
        while let hir::Pat::Paren(inner) = pat {
            pat = &inner.pat;
        }
        let mut binds = false;
        pat.for_each_ident(&mut |_| binds = true);
        match pat {
            hir::Pat::Or(or) if binds || arm.guard.is_some() => {
                arms.extend(or.cases.iter().map(|case| (case, arm)));
            }
            _ => arms.push((pat, arm)),
        }
    }
    arms
}

pub(super) fn is_rest(pat: &hir::Pat) -> bool {
    matches!(pat, hir::Pat::Rest(_))
}

fn member_name(member: &hir::Member) -> String {
    match member {
        hir::Member::Named(ident) => ident.name.clone(),
        hir::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Whether a condition has a `let` among its conjuncts.
pub(super) fn has_let(cond: &hir::Expr) -> bool {
    match cond {
        hir::Expr::Let(_) => true,
        hir::Expr::Binary(binary) if matches!(binary.op, hir::BinOp::And(_)) => {
            has_let(&binary.left) || has_let(&binary.right)
        }
        hir::Expr::Paren(inner) => has_let(&inner.expr),
        hir::Expr::Group(inner) => has_let(&inner.expr),
        _ => false,
    }
}
