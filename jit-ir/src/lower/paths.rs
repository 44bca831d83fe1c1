//! Paths: variables, associated constants and functions.

use crate::hir::{self, Span};

use super::binding::Binding;
use super::calls::named_by_function;
use super::diag::Code;
use super::externs::Question;
use super::infer::ITy;
use super::methods::strip_reference;
use super::num_casts::{from_primitive, to_primitive};
use super::operators::{OPERATOR_TRAITS, Operator};
use super::state::{Check, Lowering, Value};
use crate::expr::{ConstValue, ExprId, ExprKind, NamedConst};
use crate::func::LocalId;
use crate::intrinsic::Intrinsic;
use crate::ty::ScalarTy;

/// Traits of num-traits and std by whose name a numeric method may be called: `Float::max(a, b)`.
const TRAITS: &[&str] = &[
    "Float",
    "Real",
    "FloatCore",
    "Signed",
    "PrimInt",
    "Euclid",
    "Ord",
    "Zero",
    "One",
    "Bounded",
    "FloatConst",
    "WrappingAdd",
    "WrappingSub",
    "WrappingMul",
    "WrappingNeg",
    "SaturatingAdd",
    "SaturatingSub",
    "SaturatingMul",
];

impl Lowering<'_> {
    /// A path as a value.
    pub(super) fn lower_path(&mut self, path: &hir::ExprPath) -> ExprId {
        let span = path.span();
        if self.means_none(path) {
            let none = self.none(span);
            self.expect_variant_arguments(none, &path.path);
            return none;
        }
        if path.qself.is_none()
            && let Some(ident) = path.path.get_ident()
        {
            if let Some(Binding::Alias(value)) = self.lookup_binding(ident) {
                let value = self.copy_stable(value);
                return self.copy_closure(value);
            }
            if self.names_extern_const(path) && !self.is_reported_variant(&path.path) {
                return self.extern_const_value(path);
            }
            return match self.lower_variable(path) {
                Some(local) => self.load_local(local, span),
                None => self.poison(span),
            };
        }
        if let Some(value) = self.associated_const(path) {
            return value;
        }
        if let Some(value) = self.ordering_const(path) {
            return value;
        }
        if self.is_extern_const(path) {
            return self.extern_const_value(path);
        }
        let last = path
            .path
            .segments
            .last()
            .map_or(span, |segment| segment.ident.span());
        let shown = path_text(&path.path);
        self.diags.report(
            Code::Name,
            last,
            format!("`{shown}` is not a constant that `#[jit]` knows"),
            "pass it as a parameter, or bind its value with `let`",
        );
        self.poison(span)
    }

    /// A name that stands inside of a format string.
    pub(super) fn lower_name(&mut self, ident: &hir::Ident) -> ExprId {
        self.lower_path(&path_of(ident))
    }

    /// `Ordering::Less` and its like.
    fn ordering_const(&mut self, path: &hir::ExprPath) -> Option<ExprId> {
        let mut segments = path.path.segments.iter().rev();
        let (last, owner) = (segments.next()?, segments.next()?);
        let value: i8 = match last.ident.name.as_str() {
            "Less" => -1,
            "Equal" => 0,
            "Greater" => 1,
            _ => return None,
        };
        if owner.ident != "Ordering" {
            return None;
        }
        self.ask(path.span(), Question::Ordering);
        let value = ConstValue::Int(u128::from(value as u8));
        Some(self.push_expr(ExprKind::Const(value), ITy::Ordering, path.span()))
    }

    /// The variable that a path names; reported if it names none.
    pub(super) fn lower_variable(&mut self, path: &hir::ExprPath) -> Option<LocalId> {
        let Some(ident) = path.path.get_ident() else {
            self.diags.report(
                Code::Name,
                path.span(),
                format!("`{}` is not a variable", path_text(&path.path)),
                "assign to variables and elements of slices",
            );
            return None;
        };
        let found = self.lookup(ident);
        if found.is_none() && self.spelled(ident).is_some() {
            self.refuse_hygiene(ident.span(), &ident.to_string());
        } else if found.is_none() && !self.is_reported_variant(&path.path) {
            let help = match NamedConst::from_name(&ident.to_string()) {
                Some(_) => {
                    "write the path of a constant of std: `std::f64::consts::PI`, `f64::MAX`"
                }
                None => "pass it as a parameter, or bind its value with `let`",
            };
            self.diags.report(
                Code::Name,
                ident.span(),
                format!("`{ident}` is not a variable of this function"),
                help,
            );
        }
        found
    }

    /// A name that is spelled as another, but comes from another macro.
    pub(super) fn refuse_hygiene(&mut self, span: Span, name: &str) {
        self.diags.report(
            Code::Name,
            span,
            format!("`{name}` and another `{name}` come from different macros, which `#[jit]` cannot tell apart"),
            "give one of them another name",
        );
    }

    /// The scalar or type parameter whose associated item a path names: `f64` of `f64::MAX`.
    pub(super) fn path_owner(&mut self, path: &hir::Path) -> Option<ITy> {
        if path.segments.len() < 2 {
            return None;
        }
        let mut owner = path.clone();
        owner.segments.pop();
        self.known_ty(&owner)
    }

    /// A constant of std, by its path.
    pub(super) fn known_const(&mut self, path: &hir::ExprPath) -> Option<ExprId> {
        if path.qself.is_none() && path.path.segments.len() < 2 {
            return None;
        }
        match self.associated_const(path) {
            Some(value) => Some(value),
            None => self.ordering_const(path),
        }
    }

    fn associated_const(&mut self, path: &hir::ExprPath) -> Option<ExprId> {
        // What a type parameter has is a trait's; no trait of std has constants for numbers.
        let by_trait = path.qself.is_some() && path.path.segments.len() > 1;
        if self.is_of_param(path) || by_trait {
            return None;
        }
        let span = path.span();
        let segments: Vec<String> = path
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let name = segments.last()?.as_str();
        let owner = match &path.qself {
            Some(qself) => self.lower_ty(qself)?,
            None => match self.path_owner(&path.path) {
                Some(owner) => owner,
                None => module_owner(&segments)?.into(),
            },
        };
        let ITy::Scalar(scalar) = owner else {
            return None;
        };
        if let Some((value, ty)) = plain_const(scalar, name) {
            return Some(self.push_expr(ExprKind::Const(ConstValue::Int(value)), ty.into(), span));
        }
        let in_consts = segments
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|segment| segment == "consts");
        let named = NamedConst::from_name(name)?;
        let known = match named {
            NamedConst::Zero | NamedConst::One | NamedConst::NegZero => false,
            NamedConst::Min | NamedConst::Max => scalar != ScalarTy::Bool && !in_consts,
            NamedConst::Epsilon
            | NamedConst::MinPositive
            | NamedConst::Infinity
            | NamedConst::NegInfinity
            | NamedConst::Nan => scalar.is_float() && !in_consts,
            _ => scalar.is_float() && in_consts,
        };
        known.then(|| self.push_expr(ExprKind::Named(named), owner, span))
    }

    // Calls.

    pub(super) fn lower_call(&mut self, call: &hir::ExprCall) -> Value {
        let span = call.span();
        if let Some(value) = self.lower_variant_call(call) {
            return value;
        }
        if let hir::Expr::Path(path) = &*call.func
            && let Some(ident) = path.path.get_ident()
            && let Some(Binding::Alias(value)) = self.lookup_binding(ident)
            && let ITy::Fn(id) = self.infer.shallow(&self.ty_of(value))
        {
            let args = self.lower_arguments(&call.args);
            return self.call_fn(id, args, span);
        }
        let hir::Expr::Path(path) = &*call.func else {
            if let hir::Expr::Paren(_) | hir::Expr::Closure(_) | hir::Expr::Group(_) = &*call.func {
                let callee = self.lower_callee(&call.func);
                let args = self.lower_arguments(&call.args);
                return self.call_value(callee, args, span);
            }
            self.refuse_call(
                call.func.span(),
                "a computed function",
                "",
                "name the function",
            );
            return Value::Expr(self.poison(span));
        };
        if self.refuse_new_array(&path.path) {
            return Value::Expr(self.poison(span));
        }
        if let Some(id) = self.closure_named(&path.path) {
            let args = self.lower_arguments(&call.args);
            return self.call_closure(id, args, span);
        }
        if let Some(value) = self.lower_free_source(call) {
            return Value::Expr(value);
        }
        if let Some(value) = self.lower_array_from_fn(call) {
            return value;
        }
        if let Some(done) = self.lower_mem_call(call, &path.path) {
            return done;
        }
        if let Some(size) = self.lower_size_of(call, &path.path) {
            return size;
        }
        if let Some(value) = self.lower_char_call(call, path) {
            return Value::Expr(value);
        }
        if self.is_function_outside(path, call.args.len()) {
            let shown = path_text(&path.path);
            return self.call_outside_function(call, path, &shown);
        }
        if let Some(value) = self.lower_associated_call(call, path) {
            return Value::Expr(value);
        }
        if self.is_of_bound(path) {
            let shown = path_text(&path.path);
            return self.call_outside_function(call, path, &shown);
        }
        if self.is_of_param(path) {
            // A function of a trait of the user's.
            let name = path_text(&path.path);
            let args = self.lower_jitted_arguments(&call.args);
            return self.call_extern(path.span(), &name, args, span);
        }
        let is_type =
            (path.path.segments.last()).is_some_and(|last| Self::is_item_name(&last.ident.name));
        if is_type && path.qself.is_none() {
            return Value::Expr(self.lower_constructor(call, &path.path));
        }
        let shown = path_text(&path.path);
        let last = path
            .path
            .segments
            .last()
            .map_or(span, |segment| segment.ident.span());
        if self.is_reported_variable(&path.path) || self.is_reported_variant(&path.path) {
            return Value::Expr(self.poison(span));
        }
        if !self.may_be_jitted(&path.path) {
            let owner = path.path.segments.iter().rev().nth(1);
            let help = match shown.as_str() {
                "Some" | "Ok" | "Err" => "return a flag beside the value",
                _ if owner.is_some_and(|owner| owner.ident == "Vec") => {
                    "pass a scratch slice `&mut [T]`"
                }
                _ if owner.is_some_and(|owner| owner.ident == "thread") => {
                    "start threads outside, or let loops run in parallel: `#[jit(parallel)]`"
                }
                _ => "write its body out here, or call it outside the jitted function",
            };
            let why = match owner.map(|owner| owner.ident.name.as_str()) {
                Some("thread") => ": compiled code starts no threads",
                Some(
                    "Vec" | "Box" | "String" | "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet"
                    | "Rc" | "Arc" | "VecDeque",
                ) => ": compiled code allocates no memory",
                _ => "",
            };
            self.refuse_call(last, &format!("the function `{shown}`"), why, help);
            return Value::Expr(self.poison(span));
        }
        let args = self.lower_jitted_arguments(&call.args);
        self.call_extern(path.span(), &shown, args, span)
    }

    /// Whether a path names a function of a trait of the user's by the trait: `Number::half(x)`. That a name is a trait's shows where it is a bound.
    fn is_of_bound(&self, path: &hir::ExprPath) -> bool {
        let mut segments = path.path.segments.iter().rev();
        let (Some(last), Some(owner), None) = (segments.next(), segments.next(), &path.qself)
        else {
            return false;
        };
        !Self::is_item_name(&last.ident.name)
            && (self.bounds.iter()).any(|bounds| bounds.has_users(&owner.ident.name))
    }

    /// Whether a path names a function of a number's type or a type parameter that lowering does not know: one of a trait of the user's.
    fn is_function_outside(&mut self, path: &hir::ExprPath, n_args: usize) -> bool {
        let Some(last) = path.path.segments.last() else {
            return false;
        };
        let name = last.ident.name.as_str();
        let is_item = Self::is_item_name(name) && named_by_function(name).is_none();
        if path.qself.is_some() || path.path.segments.len() != 2 || is_item {
            return false;
        }
        let intrinsic = Intrinsic::from_rust(name);
        match self.path_owner(&path.path) {
            Some(ITy::Scalar(_)) => {
                let is_known = intrinsic.is_some()
                    || Self::is_item_name(name)
                    || from_primitive(name).is_some()
                    || to_primitive(name).is_some()
                    || Operator::of_method(name, n_args).is_some()
                    || name.ends_with("_bytes")
                    || matches!(
                        name,
                        "from"
                            | "try_from"
                            | "zero"
                            | "one"
                            | "min_value"
                            | "max_value"
                            | "default"
                    );
                !is_known
            }
            Some(ITy::Param(index)) => {
                let bounds = &self.bounds[index as usize];
                let is_known = match (name, intrinsic) {
                    ("zero", _) => bounds.has_zero(),
                    ("one", _) => bounds.has_one(),
                    ("from", _) => bounds.has("From") || bounds.has_float_consts(),
                    ("min_value" | "max_value", _) => bounds.has_bounded(),
                    (_, Some(intrinsic)) => bounds.has_method(intrinsic),
                    (_, None) if Self::is_item_name(name) => bounds.has_math_consts(),
                    (_, None) => n_args == 0 && bounds.has_float_consts(),
                };
                bounds.has_unknown() && !is_known
            }
            _ => false,
        }
    }

    /// Whether a path may name a jitted function: std has none, and a name that begins with a capital letter is that of a type.
    pub(super) fn may_be_jitted(&self, path: &hir::Path) -> bool {
        let names: Vec<&str> = (path.segments.iter())
            .map(|segment| segment.ident.name.as_str())
            .collect();
        let of_std = match names.as_slice() {
            [first, _, ..] if matches!(*first, "std" | "core" | "alloc" | "num_traits") => true,
            [.., owner, _] => {
                matches!(
                    *owner,
                    "Vec"
                        | "Box"
                        | "String"
                        | "HashMap"
                        | "BTreeMap"
                        | "HashSet"
                        | "Rc"
                        | "Arc"
                        | "VecDeque"
                        | "mem"
                        | "ptr"
                        | "cmp"
                ) || ScalarTy::from_name(owner).is_some()
            }
            _ => false,
        };
        let of_param = names.len() > 1 && self.type_params.iter().any(|param| param == names[0]);
        let is_item = names.last().is_some_and(|last| Self::is_item_name(last));
        !of_std && !of_param && !is_item
    }

    /// `Some(..)`, `None` and their like in a function whose result was reported for being an `Option` or a `Result`.
    fn is_reported_variant(&mut self, path: &hir::Path) -> bool {
        let variant = ["Some", "None", "Ok", "Err"]
            .iter()
            .any(|name| path.is_ident(name));
        let result = self.current.result.clone();
        variant && self.is_reported(&result)
    }

    fn refuse_call(&mut self, span: Span, what: &str, why: &str, help: &str) {
        self.diags.report(
            Code::Call,
            span,
            format!("{what} cannot be called from `#[jit]`{why}"),
            help,
        );
    }

    fn lower_associated_call(
        &mut self,
        call: &hir::ExprCall,
        path: &hir::ExprPath,
    ) -> Option<ExprId> {
        let span = call.span();
        let last = path.path.segments.last()?;
        let name = last.ident.to_string();
        let parent = path
            .path
            .segments
            .iter()
            .rev()
            .nth(1)
            .map(|segment| segment.ident.to_string());
        let parent = parent.as_deref();
        let owner = match &path.qself {
            Some(qself) if self.is_only_named(qself) => None,
            Some(qself) => Some(self.lower_ty(qself)?),
            None => self.path_owner(&path.path),
        };
        let by_operator = parent.is_some_and(|parent| OPERATOR_TRAITS.contains(&parent));
        let by_trait = by_operator || parent.is_some_and(|parent| TRAITS.contains(&parent));
        let by_crate = parent == Some("num_traits") || parent == Some("identities");
        let by_cast = by_crate || matches!(parent, Some("NumCast" | "FromPrimitive"));
        if by_cast && call.args.len() == 1 && self.conversion_target(call).is_some() {
            return Some(self.lower_conversion_call(call, last.ident.span()));
        }
        if owner.is_none() && !by_trait && !by_crate && parent != Some("cmp") {
            return None;
        }
        if call.args.is_empty() {
            return self.nullary_call(&name, last, owner, by_crate, span);
        }
        if let Some(owner) = &owner {
            if name == "from" && call.args.len() == 1 {
                return self.lower_from(owner.clone(), call, last);
            }
            if name == "try_from" && call.args.len() == 1 {
                let operand = self.lower_operand(&call.args[0]);
                let operand = self.auto_deref(operand);
                if let ITy::Array { elem, .. } = owner {
                    let mutable = false;
                    let slice = ITy::Slice {
                        elem: elem.clone(),
                        mutable,
                    };
                    let operand = self.coerce(operand, &slice);
                    let place = self.evaluate_place(operand);
                    let (elem, at) = ((**elem).clone(), last.ident.span());
                    return Some(self.array_from_slice(&place, elem, owner.clone(), at));
                }
                return Some(self.try_from(operand, owner.clone(), last.ident.span(), span));
            }
            if let Some(number) = self.lower_from_bytes(&name, owner, &call.args, span) {
                return Some(number);
            }
            let converts = from_primitive(&name).is_some() && name != "from_bits"
                || to_primitive(&name).is_some();
            if converts && !self.is_of_users_trait(owner, &name) {
                return Some(self.lower_conversion_call(call, last.ident.span()));
            }
        }
        if let Some(operator) = Operator::of_method(&name, call.args.len()) {
            let args = self.lower_values(&call.args);
            self.ask_what_is_meant(path.span(), &name, &args);
            return self.operator_call(operator, &args, path.span(), span);
        }
        if owner.is_some() && call.args.len() == 1 && name.ends_with("_bytes") {
            let args = self.lower_values(&call.args);
            if let (Some(owner), [number]) = (&owner, args.as_slice()) {
                self.expect_expr(*number, owner);
                return self.bytes_of(&name, *number, span);
            }
        }
        let intrinsic = Intrinsic::from_rust(&name)?;
        let known = match parent {
            Some("cmp") => matches!(intrinsic, Intrinsic::Min | Intrinsic::Max),
            Some("num_traits") => matches!(intrinsic, Intrinsic::Abs | Intrinsic::Signum),
            _ => true,
        };
        if !known || call.args.len() != intrinsic.info().args.len() {
            return None;
        }
        let args = self.lower_values(&call.args);
        if parent == Some("Ord") {
            self.ask_what_is_meant(path.span(), &name, &args);
        }
        let self_ty = match owner {
            Some(owner) => owner,
            None if intrinsic == Intrinsic::FromBits => self.infer.fresh(),
            None => self.ty_of(args[0]),
        };
        let site_span = path.span();
        Some(self.intrinsic_call_on(intrinsic, self_ty, site_span, args, span))
    }

    /// Whether a type is one of the user's, of which nothing has to be known where its name qualifies a function.
    fn is_only_named(&self, ty: &hir::Type) -> bool {
        match ty {
            hir::Type::Path(ty) => {
                let last = ty.path.segments.last();
                let is_std = last.is_some_and(|last| {
                    matches!(&*last.ident.name, "char" | "Option" | "Result" | "Ordering")
                });
                ty.qself.is_none() && !is_std && self.known_ty(&ty.path).is_none()
            }
            _ => false,
        }
    }

    /// Whether a conversion by this name is none of num-traits: the type is a parameter without such a bound.
    fn is_of_users_trait(&self, owner: &ITy, name: &str) -> bool {
        let ITy::Param(index) = self.infer.shallow(owner) else {
            return false;
        };
        let Some(bounds) = self.bounds.get(index as usize) else {
            return false;
        };
        from_primitive(name).is_some() && !bounds.has_from_primitive()
    }

    /// Arguments that are numbers or, for functions that take them so, references to numbers.
    fn lower_values(&mut self, args: &[hir::Expr]) -> Vec<ExprId> {
        let mut lowered = Vec::new();
        for arg in args {
            let arg = self.lower_operand(strip_reference(arg));
            let arg = self.auto_deref(arg);
            lowered.push((self.limit_depth(arg), self.now()));
        }
        self.settle_all(lowered)
    }

    /// `T::zero()`, `f64::max_value()`, `T::PI()`, `num_traits::one()`.
    fn nullary_call(
        &mut self,
        name: &str,
        last: &hir::PathSegment,
        owner: Option<ITy>,
        by_crate: bool,
        span: Span,
    ) -> Option<ExprId> {
        if by_crate && !matches!(name, "zero" | "one") {
            return None;
        }
        let named = named_by_function(name)?;
        let group = match name {
            "zero" => "Zero",
            "one" => "One",
            "min_value" | "max_value" => "Bounded",
            name if name.starts_with(char::is_uppercase) => "FloatConst",
            _ => "Float",
        };
        let ty = match (owner, &last.arguments) {
            (Some(owner), _) => owner,
            (None, hir::PathArguments::AngleBracketed(arguments)) => match arguments.first() {
                Some(hir::GenericArgument::Type(ty)) => self.lower_ty(ty)?,
                _ => self.infer.fresh(),
            },
            (None, _) => self.infer.fresh(),
        };
        if let ITy::Param(index) = self.infer.shallow(&ty) {
            let bounds = &self.bounds[index as usize];
            let allowed = match group {
                "Zero" => bounds.has_zero(),
                "One" => bounds.has_one(),
                "Bounded" => bounds.has_bounded(),
                "FloatConst" => bounds.has_math_consts(),
                _ => bounds.has_float_consts(),
            };
            if !allowed {
                let param = self.type_params[index as usize].clone();
                self.diags.report(
                    Code::Method,
                    last.ident.span(),
                    format!("no num-traits bound of `{param}` that `#[jit]` knows has `{name}`"),
                    format!("bound `{param}` by num-traits' `{group}`"),
                );
            }
        }
        Some(self.push_expr(ExprKind::Named(named), ty, span))
    }

    /// `f64::from(x)`, which loses nothing; `T::from(x)` of a type parameter is num-traits' and gives an `Option`.
    fn lower_from(
        &mut self,
        owner: ITy,
        call: &hir::ExprCall,
        last: &hir::PathSegment,
    ) -> Option<ExprId> {
        let span = call.span();
        if let ITy::Param(index) = owner
            && !self.bounds[index as usize].has("From")
        {
            return Some(self.lower_conversion_call(call, last.ident.span()));
        }
        let operand = self.lower_operand(&call.args[0]);
        if let hir::Expr::Path(path) = &*call.func
            && let Some(value) = self.users_from(path.span(), operand, span)
        {
            return Some(value);
        }
        let operand = self.auto_deref(operand);
        self.checks.push(Check::Convert {
            from: self.ty_of(operand),
            to: owner.clone(),
            span: last.ident.span(),
        });
        Some(self.cast(operand, owner, span))
    }
}

/// `std::f64::consts::PI`, `core::f64::MAX`, `f64::consts::PI`: the type whose module this is.
fn module_owner(segments: &[String]) -> Option<ScalarTy> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["std" | "core", module, _]
        | ["std" | "core", module, "consts", _]
        | [module, "consts", _] => ScalarTy::from_name(module),
        _ => None,
    }
}

/// Constants whose type is not the type that has them.
fn plain_const(scalar: ScalarTy, name: &str) -> Option<(u128, ScalarTy)> {
    let signed = |value: i32| Some((u128::from(value as u32), ScalarTy::I32));
    let unsigned = |value: u32| Some((u128::from(value), ScalarTy::U32));
    match (scalar, name) {
        (_, "BITS") if scalar.is_int() => unsigned(scalar.bits()),
        (ScalarTy::F32, "RADIX") => unsigned(f32::RADIX),
        (ScalarTy::F64, "RADIX") => unsigned(f64::RADIX),
        (ScalarTy::F32, "DIGITS") => unsigned(f32::DIGITS),
        (ScalarTy::F64, "DIGITS") => unsigned(f64::DIGITS),
        (ScalarTy::F32, "MANTISSA_DIGITS") => unsigned(f32::MANTISSA_DIGITS),
        (ScalarTy::F64, "MANTISSA_DIGITS") => unsigned(f64::MANTISSA_DIGITS),
        (ScalarTy::F32, "MAX_EXP") => signed(f32::MAX_EXP),
        (ScalarTy::F64, "MAX_EXP") => signed(f64::MAX_EXP),
        (ScalarTy::F32, "MIN_EXP") => signed(f32::MIN_EXP),
        (ScalarTy::F64, "MIN_EXP") => signed(f64::MIN_EXP),
        (ScalarTy::F32, "MAX_10_EXP") => signed(f32::MAX_10_EXP),
        (ScalarTy::F64, "MAX_10_EXP") => signed(f64::MAX_10_EXP),
        (ScalarTy::F32, "MIN_10_EXP") => signed(f32::MIN_10_EXP),
        (ScalarTy::F64, "MIN_10_EXP") => signed(f64::MIN_10_EXP),
        _ => None,
    }
}

pub(super) fn path_text(path: &hir::Path) -> String {
    path.segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect::<Vec<_>>()
        .join("::")
}

/// A name as an expression.
pub(super) fn path_of(ident: &hir::Ident) -> hir::ExprPath {
    hir::ExprPath {
        qself: None,
        path: hir::Path {
            leading_colon: false,
            segments: vec![hir::PathSegment {
                ident: ident.clone(),
                arguments: hir::PathArguments::None,
            }],
            span: ident.span,
        },
        span: ident.span,
    }
}
