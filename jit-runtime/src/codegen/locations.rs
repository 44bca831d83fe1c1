//! Which loop of the program an instruction belongs to, so that what LLVM made of it can be told in terms of the source.
//!
//! Every loop carries its number ([`hotloop_ir::analysis::outline`]) in the metadata of its back edges, which survives LLVM's passes. For a
//! report, instructions have debug locations as well: line and column, and instead of a file the number of the innermost loop. They lead to
//! no debug information in the object and to no other code.

use std::collections::{HashMap, HashSet};

use hotloop_ir::{Function, Label, LoopHints, Span};
use inkwell::builder::Builder;
use inkwell::context::Context;
use inkwell::llvm_sys::LLVMModuleFlagBehavior;
use inkwell::llvm_sys::core as llvm;
use inkwell::llvm_sys::debuginfo::{
    self, LLVMDIFlagZero, LLVMDWARFEmissionKind, LLVMDWARFSourceLanguage,
};
use inkwell::llvm_sys::prelude::{LLVMDIBuilderRef, LLVMMetadataRef};
use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue, InstructionValue};

use super::{CodegenError, Emitter, Result};

/// The name of the metadata that holds the number of a loop.
pub(crate) const LOOP_NUMBER: &str = "hotloop.loop";

/// The prefix of the number of a loop, where debug locations have a file.
pub(crate) const LOOP_FILE: &str = "loop:";

/// The prefix of the number of an instance, where the locations of a table have a file.
pub(crate) const INSTANCE_FILE: &str = "instance:";

/// What debug locations are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locations {
    /// Nobody asks.
    None,
    /// A report: they stay in LLVM's IR.
    Report,
    /// A listing: the object has a table that leads from its instructions to lines. The code is the same.
    Table,
}

/// The debug locations of a module.
pub(super) struct DebugModule<'ctx> {
    context: &'ctx Context,
    builder: LLVMDIBuilderRef,
    file: LLVMMetadataRef,
    ty: LLVMMetadataRef,
    table: bool,
}

impl<'ctx> DebugModule<'ctx> {
    pub(super) fn new(context: &'ctx Context, module: &Module<'ctx>, table: bool) -> Self {
        const VERSION: &str = "Debug Info Version";
        let (none, empty) = (std::ptr::null(), c"".as_ptr());
        // SAFETY: module and context are alive; texts come with their lengths, and are copied. The builder is disposed of when `self` is
        // dropped, before the module.
        unsafe {
            let version = context
                .i32_type()
                .const_int(debuginfo::LLVMDebugMetadataVersion().into(), false);
            llvm::LLVMAddModuleFlag(
                module.as_mut_ptr(),
                LLVMModuleFlagBehavior::LLVMModuleFlagBehaviorWarning,
                VERSION.as_ptr().cast(),
                VERSION.len(),
                llvm::LLVMValueAsMetadata(version.as_value_ref()),
            );
            let builder = debuginfo::LLVMCreateDIBuilder(module.as_mut_ptr());
            let file = new_file(builder, "hotloop");
            // Without a table, a unit that asks for no debug information: locations are for LLVM's remarks alone.
            let kind = match table {
                true => LLVMDWARFEmissionKind::LLVMDWARFEmissionKindLineTablesOnly,
                false => LLVMDWARFEmissionKind::LLVMDWARFEmissionKindNone,
            };
            debuginfo::LLVMDIBuilderCreateCompileUnit(
                builder,
                LLVMDWARFSourceLanguage::LLVMDWARFSourceLanguageC,
                file,
                empty,
                0,
                1,
                empty,
                0,
                0,
                none,
                0,
                kind,
                0,
                0,
                0,
                none,
                0,
                none,
                0,
            );
            let ty = debuginfo::LLVMDIBuilderCreateSubroutineType(
                builder,
                file,
                std::ptr::null_mut(),
                0,
                LLVMDIFlagZero,
            );
            DebugModule {
                context,
                builder,
                file,
                ty,
                table,
            }
        }
    }

    /// The scope of a function.
    pub(super) fn function(&self, func: &Function, value: FunctionValue<'ctx>) -> LLVMMetadataRef {
        let name = &func.name;
        // SAFETY: as in `new`; the function belongs to the module.
        unsafe {
            let scope = debuginfo::LLVMDIBuilderCreateFunction(
                self.builder,
                self.file,
                name.as_ptr().cast(),
                name.len(),
                name.as_ptr().cast(),
                0,
                self.file,
                0,
                self.ty,
                1,
                1,
                0,
                LLVMDIFlagZero,
                1,
            );
            debuginfo::LLVMSetSubprogram(value.as_value_ref(), scope);
            scope
        }
    }

    /// Completes what the module has.
    pub(super) fn finish(self) {
        // SAFETY: the builder is alive until `self` is dropped.
        unsafe { debuginfo::LLVMDIBuilderFinalize(self.builder) };
    }

    fn loop_scope(&self, function: LLVMMetadataRef, number: usize) -> LLVMMetadataRef {
        self.file_scope(function, &format!("{LOOP_FILE}{number}"))
    }

    fn file_scope(&self, outer: LLVMMetadataRef, name: &str) -> LLVMMetadataRef {
        let file = new_file(self.builder, name);
        // SAFETY: all of these belong to the same module.
        unsafe { debuginfo::LLVMDIBuilderCreateLexicalBlockFile(self.builder, outer, file, 0) }
    }

    fn location(&self, scope: LLVMMetadataRef, span: Span) -> LLVMMetadataRef {
        let scope = match self.table {
            true => self.file_scope(scope, &format!("{INSTANCE_FILE}{}", span.origin)),
            false => scope,
        };
        // SAFETY: the scope is of this context.
        unsafe {
            debuginfo::LLVMDIBuilderCreateDebugLocation(
                self.context.raw(),
                span.line,
                span.column,
                scope,
                std::ptr::null_mut(),
            )
        }
    }
}

impl Drop for DebugModule<'_> {
    fn drop(&mut self) {
        // SAFETY: the builder is ours, and the module, which it belongs to, is alive.
        unsafe { debuginfo::LLVMDisposeDIBuilder(self.builder) };
    }
}

fn new_file(builder: LLVMDIBuilderRef, name: &str) -> LLVMMetadataRef {
    // SAFETY: the builder is alive, and the texts come with their lengths.
    unsafe {
        debuginfo::LLVMDIBuilderCreateFile(
            builder,
            name.as_ptr().cast(),
            name.len(),
            c"".as_ptr(),
            0,
        )
    }
}

/// Where the emitter is, in terms of the source.
pub(super) struct Position<'ctx, 'a> {
    /// The numbers of the function's loops.
    pub(super) numbers: HashMap<Label, usize>,
    /// The loops that LLVM must not vectorize.
    pub(super) mixed: HashSet<Label>,
    /// Where instructions get debug locations: the module's, and the scope of the function.
    pub(super) debug: Option<(&'a DebugModule<'ctx>, LLVMMetadataRef)>,
    /// The scopes of the loops around the current statement, innermost last.
    pub(super) scopes: Vec<(LLVMMetadataRef, Span)>,
    /// The current statement.
    pub(super) span: Span,
}

impl<'ctx> Emitter<'ctx, '_> {
    /// What is emitted from now on belongs to the statement at `span`.
    pub(super) fn locate_stmt(&mut self, span: Span) {
        self.position.span = span;
        let Some((debug, function)) = self.position.debug else {
            return;
        };
        let scope = match self.position.scopes.last() {
            Some(&(scope, _)) => scope,
            None => function,
        };
        let location = debug.location(scope, span);
        // SAFETY: the builder and the location are of the same context, which is alive.
        unsafe { llvm::LLVMSetCurrentDebugLocation2(self.builder.as_mut_ptr(), location) };
    }

    /// What is emitted into a function of our own belongs to the start of the function whose part it is.
    pub(super) fn locate_in(
        &self,
        builder: &Builder<'ctx>,
        func: &Function,
        function: FunctionValue<'ctx>,
    ) {
        if let Some((debug, _)) = self.position.debug {
            let scope = debug.function(func, function);
            let location = debug.location(scope, self.position.span);
            // SAFETY: the builder and the location are of the same context, which is alive.
            unsafe { llvm::LLVMSetCurrentDebugLocation2(builder.as_mut_ptr(), location) };
        }
    }

    /// What is emitted from now on belongs to the loop that the current statement is.
    pub(super) fn enter_loop(&mut self, label: Label) {
        let Some((debug, function)) = self.position.debug else {
            return;
        };
        let number = self.position.numbers.get(&label).copied();
        let scope = debug.loop_scope(function, number.unwrap_or(usize::MAX));
        let span = self.position.span;
        self.position.scopes.push((scope, span));
        self.locate_stmt(span);
    }

    /// What is emitted from now on belongs to the innermost loop as such.
    pub(super) fn relocate_loop(&mut self) {
        if let Some(&(_, span)) = self.position.scopes.last() {
            self.locate_stmt(span);
        }
    }

    /// What is emitted from now on is behind the loop.
    pub(super) fn leave_loop(&mut self) {
        if let Some((_, span)) = self.position.scopes.pop() {
            self.locate_stmt(span);
        }
    }

    /// Gives a back edge the number of its loop, and what is known of it.
    pub(super) fn mark_back_edge(
        &self,
        branch: InstructionValue<'ctx>,
        label: Label,
        hints: LoopHints,
    ) -> Result<()> {
        let context = self.context;
        let mut properties = Vec::new();
        if let Some(&number) = self.position.numbers.get(&label) {
            let number = context.i32_type().const_int(number as u64, false);
            properties.push(self.property(LOOP_NUMBER, Some(number.as_value_ref())));
        }
        if hints.cold || self.position.mixed.contains(&label) {
            let off = context.bool_type().const_zero();
            properties.push(self.property("llvm.loop.vectorize.enable", Some(off.as_value_ref())));
        }
        if hints.cold {
            properties.push(self.property("llvm.loop.unroll.disable", None));
        }
        if let (Some((debug, _)), Some(&(scope, span))) =
            (self.position.debug, self.position.scopes.last())
        {
            properties.insert(0, debug.location(scope, span));
        }
        // SAFETY: everything is of this context. The temporary node is replaced, and thereby deleted, by the node that refers to itself,
        // as that of a loop has to.
        unsafe {
            let itself = debuginfo::LLVMTemporaryMDNode(context.raw(), std::ptr::null_mut(), 0);
            properties.insert(0, itself);
            let node = llvm::LLVMMDNodeInContext2(
                context.raw(),
                properties.as_mut_ptr(),
                properties.len(),
            );
            debuginfo::LLVMMetadataReplaceAllUsesWith(itself, node);
            let node = llvm::LLVMMetadataAsValue(context.raw(), node);
            let kind = context.get_kind_id("llvm.loop");
            if node.is_null() {
                return Err(CodegenError::bug("a loop without metadata"));
            }
            llvm::LLVMSetMetadata(branch.as_value_ref(), kind, node);
        }
        Ok(())
    }

    /// `!{!"name", value}`.
    fn property(
        &self,
        name: &str,
        value: Option<inkwell::llvm_sys::prelude::LLVMValueRef>,
    ) -> LLVMMetadataRef {
        let context = self.context.raw();
        // SAFETY: the text comes with its length, and the value is of this context.
        unsafe {
            let name = llvm::LLVMMDStringInContext2(context, name.as_ptr().cast(), name.len());
            let mut parts = vec![name];
            parts.extend(value.map(|value| llvm::LLVMValueAsMetadata(value)));
            llvm::LLVMMDNodeInContext2(context, parts.as_mut_ptr(), parts.len())
        }
    }
}
