//! What is left of the loops in an optimized module.

use std::collections::{BTreeSet, HashMap};
use std::ffi::c_char;

use inkwell::context::Context;
use inkwell::llvm_sys::LLVMTypeKind;
use inkwell::llvm_sys::core as llvm;
use inkwell::llvm_sys::prelude::{LLVMBasicBlockRef, LLVMTypeRef, LLVMValueRef};
use inkwell::module::Module;

use super::Observed;
use crate::codegen::{LOOP_FILE, LOOP_NUMBER};

/// A loop in an optimized module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MachineLoop {
    /// The loop that it comes from, by its number in the outline.
    pub(crate) number: usize,
    /// The most elements of a vector that an instruction of it works on, loops inside left out; 1 without vectors.
    pub(crate) width: u32,
    /// The statuses of the trap sites that it may end at.
    pub(crate) statuses: BTreeSet<u32>,
}

/// A call in an optimized module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MachineCall {
    /// The innermost loop around it, by its number in the outline.
    pub(crate) number: Option<usize>,
    /// The most elements of a vector in that loop, as for [`MachineLoop::width`].
    pub(crate) width: u32,
    /// The symbol that is called.
    pub(crate) symbol: String,
    /// Where it stands: line and column, 0 if unknown.
    pub(crate) position: (u32, u32),
}

/// Looks through all functions of a module.
pub(crate) fn observe_module(context: &Context, module: &Module<'_>) -> Observed {
    let kind = context.get_kind_id("llvm.loop");
    let mut observed = Observed::default();
    // SAFETY: the module is alive and nobody changes it during the walk.
    unsafe {
        let mut function = llvm::LLVMGetFirstFunction(module.as_mut_ptr());
        while !function.is_null() {
            if llvm::LLVMIsDeclaration(function) == 0 {
                let graph = Graph::of(function, kind);
                let first = observed.loops.len();
                graph.add_loops(&mut observed.loops);
                graph.add_calls(&observed.loops[first..], &mut observed.calls);
                observed.unnumbered += graph.unnumbered;
            }
            function = llvm::LLVMGetNextFunction(function);
        }
    }
    observed
}

/// The control flow of a function. What it refers to is alive for as long as nobody changes the function.
struct Graph {
    blocks: Vec<LLVMBasicBlockRef>,
    numbers: HashMap<LLVMBasicBlockRef, usize>,
    successors: Vec<Vec<usize>>,
    predecessors: Vec<Vec<usize>>,
    loops: Vec<NaturalLoop>,
    /// The innermost of the loops that contain a block.
    innermost: Vec<Option<usize>>,
    /// How many back edges have no number.
    unnumbered: usize,
}

struct NaturalLoop {
    number: usize,
    blocks: BTreeSet<usize>,
}

impl Graph {
    /// # Safety
    ///
    /// The function is alive and has a body.
    unsafe fn of(function: LLVMValueRef, kind: u32) -> Self {
        let mut blocks = Vec::new();
        // SAFETY: as the caller says; each block of a module that was verified has a terminator, for which its successors are counted.
        let (successors, numbers) = unsafe {
            let mut block = llvm::LLVMGetFirstBasicBlock(function);
            while !block.is_null() {
                blocks.push(block);
                block = llvm::LLVMGetNextBasicBlock(block);
            }
            let numbers: HashMap<_, _> = blocks.iter().copied().zip(0..).collect();
            let successors: Vec<Vec<usize>> = (blocks.iter())
                .map(|&block| {
                    let end = llvm::LLVMGetBasicBlockTerminator(block);
                    (0..llvm::LLVMGetNumSuccessors(end))
                        .filter_map(|index| numbers.get(&llvm::LLVMGetSuccessor(end, index)))
                        .copied()
                        .collect()
                })
                .collect();
            (successors, numbers)
        };
        let mut predecessors = vec![Vec::new(); blocks.len()];
        for (from, to) in successors.iter().enumerate() {
            for &to in to {
                predecessors[to].push(from);
            }
        }
        let mut graph = Graph {
            innermost: vec![None; blocks.len()],
            blocks,
            numbers,
            successors,
            predecessors,
            loops: Vec::new(),
            unnumbered: 0,
        };
        // SAFETY: as the caller says.
        unsafe { graph.find_loops(kind) };
        graph
    }

    /// # Safety
    ///
    /// As for [`Graph::of`].
    unsafe fn find_loops(&mut self, kind: u32) {
        let mut found: HashMap<(usize, usize), BTreeSet<usize>> = HashMap::new();
        let mut headers: HashMap<usize, Vec<usize>> = HashMap::new();
        for (latch, header) in self.back_edges() {
            headers.entry(latch).or_default().push(header);
        }
        for (latch, headers) in headers {
            // SAFETY: the block is one of the function's.
            let number = unsafe {
                let end = llvm::LLVMGetBasicBlockTerminator(self.blocks[latch]);
                loop_number(end, kind)
            };
            self.unnumbered += usize::from(number.is_none());
            // A branch to the starts of two loops has the metadata of the inner one.
            let bodies = headers
                .into_iter()
                .map(|header| (header, self.natural_loop(latch, header)));
            if let (Some(number), Some((header, body))) =
                (number, bodies.min_by_key(|(_, body)| body.len()))
            {
                found.entry((number, header)).or_default().extend(body);
            }
        }
        self.loops = (found.into_iter())
            .map(|((number, _), blocks)| NaturalLoop { number, blocks })
            .collect();
        self.loops
            .sort_by_key(|found| (found.blocks.len(), found.blocks.first().copied()));
        for (index, found) in self.loops.iter().enumerate() {
            for &block in &found.blocks {
                self.innermost[block].get_or_insert(index);
            }
        }
    }

    /// The edges that lead to a block on the way to them, in a walk from the entry.
    fn back_edges(&self) -> Vec<(usize, usize)> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut edges = Vec::new();
        let mut marks = vec![Mark::New; self.blocks.len()];
        let mut open: Vec<(usize, usize)> = Vec::new();
        if let Some(first) = marks.first_mut() {
            *first = Mark::Open;
            open.push((0, 0));
        }
        while let Some((block, next)) = open.last_mut() {
            let Some(&to) = self.successors[*block].get(*next) else {
                marks[*block] = Mark::Done;
                open.pop();
                continue;
            };
            *next += 1;
            match marks[to] {
                Mark::Open => edges.push((*block, to)),
                Mark::New => {
                    marks[to] = Mark::Open;
                    open.push((to, 0));
                }
                Mark::Done => {}
            }
        }
        edges
    }

    /// The blocks from which the latch can be reached without the header, and the header.
    fn natural_loop(&self, latch: usize, header: usize) -> BTreeSet<usize> {
        let mut blocks = BTreeSet::from([header]);
        let mut open = vec![latch];
        while let Some(block) = open.pop() {
            if blocks.insert(block) {
                open.extend(&self.predecessors[block]);
            }
        }
        blocks
    }

    /// # Safety
    ///
    /// The function is alive and unchanged.
    unsafe fn add_loops(&self, loops: &mut Vec<MachineLoop>) {
        for (index, found) in self.loops.iter().enumerate() {
            let mut width = 1;
            let mut statuses = BTreeSet::new();
            let inside: BTreeSet<usize> = (self.loops.iter())
                .filter(|inner| {
                    inner.number != found.number
                        && inner.blocks.len() < found.blocks.len()
                        && inner.blocks.is_subset(&found.blocks)
                })
                .map(|inner| inner.number)
                .collect();
            for &block in &found.blocks {
                if self.innermost[block] != Some(index) {
                    continue;
                }
                // SAFETY: the block is one of the function's.
                unsafe {
                    for_each_instruction(self.blocks[block], |instruction| {
                        // A vector that a loop inside starts with, or that is summed up behind it, is one of that loop.
                        let is_inside = !inside.is_empty()
                            && located_in(instruction).is_none_or(|other| inside.contains(&other));
                        if !is_inside {
                            width = width.max(vector_width(instruction));
                        }
                    });
                }
                for &to in &self.successors[block] {
                    if !found.blocks.contains(&to) {
                        // SAFETY: as the caller says.
                        unsafe { self.statuses_behind(block, to, &mut statuses) };
                    }
                }
            }
            loops.push(MachineLoop {
                number: found.number,
                width,
                statuses,
            });
        }
    }

    /// Adds the statuses of trap sites to which an edge out of a loop leads; none if it may lead anywhere else.
    ///
    /// # Safety
    ///
    /// As for [`Graph::add_loops`].
    unsafe fn statuses_behind(&self, from: usize, to: usize, statuses: &mut BTreeSet<u32>) {
        /// The ways to traps are short: a guard has a few blocks.
        const MAX_STEPS: usize = 400;
        let mut found = BTreeSet::new();
        let mut open = vec![vec![from, to]];
        let mut steps = 0;
        while let Some(path) = open.pop() {
            steps += 1;
            let Some(&block) = path.last() else { return };
            if steps > MAX_STEPS || path[..path.len() - 1].contains(&block) {
                return;
            }
            for &next in &self.successors[block] {
                let mut longer = path.clone();
                longer.push(next);
                open.push(longer);
            }
            if self.successors[block].is_empty() {
                // SAFETY: the block is one of the function's.
                unsafe {
                    let end = llvm::LLVMGetBasicBlockTerminator(self.blocks[block]);
                    if llvm::LLVMIsAReturnInst(end).is_null() {
                        // `unreachable`, behind checks of which one has failed.
                        continue;
                    }
                    // What never traps may have lost its status.
                    if llvm::LLVMGetNumOperands(end) == 0 {
                        return;
                    }
                    match self.status(llvm::LLVMGetOperand(end, 0), &path) {
                        Some(status) if status > 0 => found.insert(status),
                        _ => return,
                    };
                }
            }
        }
        statuses.extend(found);
    }

    /// The status that is returned, or a struct with it, at the end of this path.
    ///
    /// # Safety
    ///
    /// `value` is a value of the function.
    unsafe fn status(&self, mut value: LLVMValueRef, path: &[usize]) -> Option<u32> {
        // SAFETY: as the caller says; each function is called for the kind of value that it is for.
        unsafe {
            for _ in 0..path.len() + 8 {
                if value.is_null() {
                    return None;
                }
                if !llvm::LLVMIsAConstantInt(value).is_null() {
                    return u32::try_from(llvm::LLVMConstIntGetZExtValue(value)).ok();
                }
                if !llvm::LLVMIsAConstant(value).is_null() {
                    value = llvm::LLVMGetAggregateElement(value, 0);
                } else if !llvm::LLVMIsAPHINode(value).is_null() {
                    let block = self
                        .numbers
                        .get(&llvm::LLVMGetInstructionParent(value))
                        .copied();
                    let at = path.iter().position(|&on_path| Some(on_path) == block)?;
                    let before = self.blocks[*path.get(at.checked_sub(1)?)?];
                    let incoming = (0..llvm::LLVMCountIncoming(value))
                        .find(|&index| llvm::LLVMGetIncomingBlock(value, index) == before)?;
                    value = llvm::LLVMGetIncomingValue(value, incoming);
                } else if !llvm::LLVMIsAInsertValueInst(value).is_null() {
                    // The status is the first part; others are inserted behind it.
                    let is_status =
                        llvm::LLVMGetNumIndices(value) == 1 && *llvm::LLVMGetIndices(value) == 0;
                    value = llvm::LLVMGetOperand(value, is_status.into());
                } else {
                    return None;
                }
            }
        }
        None
    }

    /// Adds the calls; `loops` are those that [`Graph::add_loops`] added.
    ///
    /// # Safety
    ///
    /// As for [`Graph::add_loops`].
    unsafe fn add_calls(&self, loops: &[MachineLoop], calls: &mut Vec<MachineCall>) {
        for (index, &block) in self.blocks.iter().enumerate() {
            let around = self.innermost[index].and_then(|around| loops.get(around));
            // SAFETY: the block is one of the function's, and its instructions are asked for what such instructions have.
            unsafe {
                for_each_instruction(block, |instruction| {
                    if llvm::LLVMIsACallInst(instruction).is_null() {
                        return;
                    }
                    let callee = llvm::LLVMGetCalledValue(instruction);
                    if callee.is_null() || llvm::LLVMIsAFunction(callee).is_null() {
                        return;
                    }
                    let mut length = 0;
                    let name = llvm::LLVMGetValueName2(callee, &mut length);
                    calls.push(MachineCall {
                        number: located_in(instruction).or(around.map(|around| around.number)),
                        width: around.map_or(1, |around| around.width),
                        symbol: text(name, length),
                        position: (
                            llvm::LLVMGetDebugLocLine(instruction),
                            llvm::LLVMGetDebugLocColumn(instruction),
                        ),
                    });
                });
            }
        }
    }
}

/// # Safety
///
/// The block is alive.
unsafe fn for_each_instruction(block: LLVMBasicBlockRef, mut visit: impl FnMut(LLVMValueRef)) {
    // SAFETY: as the caller says.
    unsafe {
        let mut instruction = llvm::LLVMGetFirstInstruction(block);
        while !instruction.is_null() {
            visit(instruction);
            instruction = llvm::LLVMGetNextInstruction(instruction);
        }
    }
}

/// The innermost loop that an instruction was written in, by its number in the outline, if its location tells.
///
/// # Safety
///
/// The instruction is alive.
unsafe fn located_in(instruction: LLVMValueRef) -> Option<usize> {
    // SAFETY: as the caller says.
    let file = unsafe {
        let mut length = 0;
        let file = llvm::LLVMGetDebugLocFilename(instruction, &mut length);
        text(file, length as usize)
    };
    file.strip_prefix(LOOP_FILE)?.parse().ok()
}

/// The number that a back edge has, if it has one.
///
/// # Safety
///
/// `end` is a terminator.
unsafe fn loop_number(end: LLVMValueRef, kind: u32) -> Option<usize> {
    // SAFETY: as the caller says; nodes and strings are asked for what they have.
    unsafe {
        let node = llvm::LLVMGetMetadata(end, kind);
        if node.is_null() {
            return None;
        }
        for property in operands(node) {
            if property == node || property.is_null() || llvm::LLVMIsAMDNode(property).is_null() {
                continue;
            }
            let [name, value] = operands(property)[..] else {
                continue;
            };
            if name.is_null() || value.is_null() || llvm::LLVMIsAMDString(name).is_null() {
                continue;
            }
            let mut length = 0;
            let name = llvm::LLVMGetMDString(name, &mut length);
            if text(name, length as usize) == LOOP_NUMBER
                && !llvm::LLVMIsAConstantInt(value).is_null()
            {
                return usize::try_from(llvm::LLVMConstIntGetZExtValue(value)).ok();
            }
        }
    }
    None
}

/// # Safety
///
/// `node` is a metadata node.
unsafe fn operands(node: LLVMValueRef) -> Vec<LLVMValueRef> {
    // SAFETY: as the caller says; there is room for all operands.
    unsafe {
        let mut operands =
            vec![std::ptr::null_mut(); llvm::LLVMGetMDNodeNumOperands(node) as usize];
        llvm::LLVMGetMDNodeOperands(node, operands.as_mut_ptr());
        operands
    }
}

/// How many elements an instruction works on.
///
/// # Safety
///
/// The instruction is alive.
unsafe fn vector_width(instruction: LLVMValueRef) -> u32 {
    // SAFETY: as the caller says; a store has the value as its first operand.
    unsafe {
        let value = match llvm::LLVMIsAStoreInst(instruction).is_null() {
            true => instruction,
            false => llvm::LLVMGetOperand(instruction, 0),
        };
        elements(llvm::LLVMTypeOf(value))
    }
}

/// # Safety
///
/// The type is one of a living context.
unsafe fn elements(ty: LLVMTypeRef) -> u32 {
    // SAFETY: as the caller says; only vectors are asked for their size. Of a scalable one it is the least.
    unsafe {
        match llvm::LLVMGetTypeKind(ty) {
            LLVMTypeKind::LLVMVectorTypeKind | LLVMTypeKind::LLVMScalableVectorTypeKind => {
                llvm::LLVMGetVectorSize(ty)
            }
            _ => 1,
        }
    }
}

/// # Safety
///
/// So many bytes are there, unless the pointer is null.
unsafe fn text(start: *const c_char, length: usize) -> String {
    if start.is_null() {
        return String::new();
    }
    // SAFETY: as the caller says.
    let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length) };
    String::from_utf8_lossy(bytes).into_owned()
}
