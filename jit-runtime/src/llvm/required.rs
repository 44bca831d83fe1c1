//! The LLVM C functions that our code calls, directly or through inkwell: `load` refuses an LLVM that lacks one.
//!
//! A debug build resolves nothing else, so that a call missing here stops the first test that makes it. Every name must
//! exist in LLVM 19 to 23 with the same signature; the list is sorted, and a name may stay after its last call has gone.

/// The functions without which an LLVM library cannot be used.
#[rustfmt::skip]
pub(crate) const REQUIRED: &[&str] = &[
    "LLVMABIAlignmentOfType", "LLVMABISizeOfType", "LLVMAddAnalysisPasses", "LLVMAddAttributeAtIndex",
    "LLVMAddCallSiteAttribute", "LLVMAddCase", "LLVMAddDestination", "LLVMAddFunction", "LLVMAddGlobal",
    "LLVMAddGlobalInAddressSpace", "LLVMAddGlobalMapping", "LLVMAddIncoming", "LLVMAddModuleFlag",
    "LLVMAddNamedMetadataOperand", "LLVMAddTargetDependentFunctionAttr", "LLVMAddTargetLibraryInfo",
    "LLVMAppendBasicBlock", "LLVMAppendBasicBlockInContext", "LLVMAppendExistingBasicBlock", "LLVMArrayType",
    "LLVMArrayType2", "LLVMBFloatType", "LLVMBFloatTypeInContext", "LLVMBasicBlockAsValue", "LLVMBuildAShr",
    "LLVMBuildAdd", "LLVMBuildAddrSpaceCast", "LLVMBuildAlloca", "LLVMBuildAnd", "LLVMBuildArrayAlloca",
    "LLVMBuildAtomicRMW", "LLVMBuildBinOp", "LLVMBuildBitCast", "LLVMBuildBr", "LLVMBuildCall2", "LLVMBuildCast",
    "LLVMBuildCondBr", "LLVMBuildExactSDiv", "LLVMBuildExactUDiv", "LLVMBuildExtractElement",
    "LLVMBuildExtractValue", "LLVMBuildFAdd", "LLVMBuildFCmp", "LLVMBuildFDiv", "LLVMBuildFMul", "LLVMBuildFNeg",
    "LLVMBuildFPCast", "LLVMBuildFPExt", "LLVMBuildFPToSI", "LLVMBuildFPToUI", "LLVMBuildFPTrunc", "LLVMBuildFRem",
    "LLVMBuildFSub", "LLVMBuildFence", "LLVMBuildFreeze", "LLVMBuildGEP2", "LLVMBuildGlobalString",
    "LLVMBuildGlobalStringPtr", "LLVMBuildICmp", "LLVMBuildInBoundsGEP2", "LLVMBuildInsertElement",
    "LLVMBuildInsertValue", "LLVMBuildIntCast", "LLVMBuildIntCast2", "LLVMBuildIntToPtr", "LLVMBuildIsNotNull",
    "LLVMBuildIsNull", "LLVMBuildLShr", "LLVMBuildLoad2", "LLVMBuildMemCpy", "LLVMBuildMemMove", "LLVMBuildMemSet",
    "LLVMBuildMul", "LLVMBuildNSWAdd", "LLVMBuildNSWMul", "LLVMBuildNSWNeg", "LLVMBuildNSWSub", "LLVMBuildNUWAdd",
    "LLVMBuildNUWMul", "LLVMBuildNUWSub", "LLVMBuildNeg", "LLVMBuildNot", "LLVMBuildOr", "LLVMBuildPhi",
    "LLVMBuildPointerCast", "LLVMBuildPtrDiff2", "LLVMBuildPtrToInt", "LLVMBuildRet", "LLVMBuildRetVoid",
    "LLVMBuildSDiv", "LLVMBuildSExt", "LLVMBuildSIToFP", "LLVMBuildSRem", "LLVMBuildSelect", "LLVMBuildShl",
    "LLVMBuildShuffleVector", "LLVMBuildStore", "LLVMBuildStructGEP2", "LLVMBuildSub", "LLVMBuildSwitch",
    "LLVMBuildTrunc", "LLVMBuildUDiv", "LLVMBuildUIToFP", "LLVMBuildURem", "LLVMBuildUnreachable", "LLVMBuildXor",
    "LLVMBuildZExt", "LLVMByteOrder", "LLVMCallFrameAlignmentOfType", "LLVMCanValueUseFastMathFlags",
    "LLVMCloneModule", "LLVMConstAdd", "LLVMConstAllOnes", "LLVMConstArray", "LLVMConstArray2", "LLVMConstBitCast",
    "LLVMConstExtractElement", "LLVMConstGEP2", "LLVMConstInBoundsGEP2", "LLVMConstInlineAsm",
    "LLVMConstInsertElement", "LLVMConstInt", "LLVMConstIntGetSExtValue", "LLVMConstIntGetZExtValue",
    "LLVMConstIntOfArbitraryPrecision", "LLVMConstIntOfString", "LLVMConstIntOfStringAndSize", "LLVMConstIntToPtr",
    "LLVMConstNSWAdd", "LLVMConstNSWNeg", "LLVMConstNSWSub", "LLVMConstNUWAdd", "LLVMConstNUWSub",
    "LLVMConstNamedStruct", "LLVMConstNeg", "LLVMConstNot", "LLVMConstNull", "LLVMConstPointerCast",
    "LLVMConstPointerNull", "LLVMConstPtrToInt", "LLVMConstReal", "LLVMConstRealGetDouble", "LLVMConstRealOfString",
    "LLVMConstRealOfStringAndSize", "LLVMConstShuffleVector", "LLVMConstString", "LLVMConstStringInContext",
    "LLVMConstStringInContext2", "LLVMConstStruct", "LLVMConstStructInContext", "LLVMConstSub", "LLVMConstTrunc",
    "LLVMConstVector", "LLVMConstXor", "LLVMConsumeError", "LLVMContextCreate", "LLVMContextDispose",
    "LLVMContextGetDiagnosticContext", "LLVMContextGetDiagnosticHandler", "LLVMContextSetDiagnosticHandler",
    "LLVMContextSetDiscardValueNames", "LLVMContextSetYieldCallback", "LLVMContextShouldDiscardValueNames",
    "LLVMCopyModuleFlagsMetadata", "LLVMCopyStringRepOfTargetData", "LLVMCountBasicBlocks", "LLVMCountIncoming",
    "LLVMCountParamTypes", "LLVMCountParams", "LLVMCountStructElementTypes", "LLVMCreateBasicBlockInContext",
    "LLVMCreateBuilder", "LLVMCreateBuilderInContext", "LLVMCreateConstantRangeAttribute", "LLVMCreateDIBuilder",
    "LLVMCreateDIBuilderDisallowUnresolved", "LLVMCreateEnumAttribute", "LLVMCreateMemoryBufferWithMemoryRange",
    "LLVMCreateMemoryBufferWithMemoryRangeCopy", "LLVMCreateMessage", "LLVMCreatePassBuilderOptions",
    "LLVMCreateStringAttribute", "LLVMCreateStringError", "LLVMCreateTargetData", "LLVMCreateTargetDataLayout",
    "LLVMCreateTargetMachine", "LLVMCreateTargetMachineOptions", "LLVMCreateTargetMachineWithOptions",
    "LLVMCreateTypeAttribute", "LLVMDIBuilderCreateArrayType", "LLVMDIBuilderCreateAutoVariable",
    "LLVMDIBuilderCreateBasicType", "LLVMDIBuilderCreateCompileUnit", "LLVMDIBuilderCreateDebugLocation",
    "LLVMDIBuilderCreateExpression", "LLVMDIBuilderCreateFile", "LLVMDIBuilderCreateFunction",
    "LLVMDIBuilderCreateLexicalBlock", "LLVMDIBuilderCreateLexicalBlockFile", "LLVMDIBuilderCreateMemberType",
    "LLVMDIBuilderCreateParameterVariable", "LLVMDIBuilderCreatePointerType", "LLVMDIBuilderCreateStructType",
    "LLVMDIBuilderCreateSubroutineType", "LLVMDIBuilderFinalize", "LLVMDIBuilderFinalizeSubprogram",
    "LLVMDIBuilderGetOrCreateArray", "LLVMDIBuilderGetOrCreateSubrange", "LLVMDIBuilderGetOrCreateTypeArray",
    "LLVMDIFileGetDirectory", "LLVMDIFileGetFilename", "LLVMDILocationGetColumn", "LLVMDILocationGetInlinedAt",
    "LLVMDILocationGetLine", "LLVMDILocationGetScope", "LLVMDIScopeGetFile", "LLVMDebugMetadataVersion",
    "LLVMDeleteBasicBlock", "LLVMDeleteFunction", "LLVMDeleteGlobal", "LLVMDeleteInstruction", "LLVMDisposeBuilder",
    "LLVMDisposeDIBuilder", "LLVMDisposeErrorMessage", "LLVMDisposeMemoryBuffer", "LLVMDisposeMessage",
    "LLVMDisposeModule", "LLVMDisposeModuleFlagsMetadata", "LLVMDisposePassBuilderOptions", "LLVMDisposeTargetData",
    "LLVMDisposeTargetMachine", "LLVMDisposeTargetMachineOptions", "LLVMDisposeValueMetadataEntries",
    "LLVMDoubleType", "LLVMDoubleTypeInContext", "LLVMDumpModule", "LLVMDumpValue", "LLVMElementAtOffset",
    "LLVMFloatType", "LLVMFloatTypeInContext", "LLVMFunctionType", "LLVMGetAggregateElement", "LLVMGetAlignment",
    "LLVMGetAllocatedType", "LLVMGetArgOperand", "LLVMGetArrayLength", "LLVMGetArrayLength2", "LLVMGetAsString",
    "LLVMGetAttributeCountAtIndex", "LLVMGetAttributesAtIndex", "LLVMGetBasicBlockName", "LLVMGetBasicBlockParent",
    "LLVMGetBasicBlockTerminator", "LLVMGetBasicBlocks", "LLVMGetBufferSize", "LLVMGetBufferStart",
    "LLVMGetCallSiteAttributeCount", "LLVMGetCallSiteAttributes", "LLVMGetCallSiteEnumAttribute",
    "LLVMGetCallSiteStringAttribute", "LLVMGetCalledFunctionType", "LLVMGetCalledValue", "LLVMGetCastOpcode",
    "LLVMGetCondition", "LLVMGetConstOpcode", "LLVMGetCurrentDebugLocation2", "LLVMGetDataLayout",
    "LLVMGetDataLayoutStr", "LLVMGetDebugLocColumn", "LLVMGetDebugLocFilename", "LLVMGetDebugLocLine",
    "LLVMGetDefaultTargetTriple", "LLVMGetDiagInfoDescription", "LLVMGetDiagInfoSeverity",
    "LLVMGetElementAsConstant", "LLVMGetElementType", "LLVMGetEntryBasicBlock", "LLVMGetEnumAttributeAtIndex",
    "LLVMGetEnumAttributeKind", "LLVMGetEnumAttributeKindForName", "LLVMGetEnumAttributeValue",
    "LLVMGetErrorMessage", "LLVMGetErrorTypeId", "LLVMGetExact", "LLVMGetFCmpPredicate", "LLVMGetFastMathFlags",
    "LLVMGetFirstBasicBlock", "LLVMGetFirstFunction", "LLVMGetFirstGlobal", "LLVMGetFirstInstruction",
    "LLVMGetFirstNamedMetadata", "LLVMGetFirstParam", "LLVMGetFirstUse", "LLVMGetFunctionCallConv",
    "LLVMGetGEPSourceElementType", "LLVMGetGlobalParent", "LLVMGetHostCPUFeatures", "LLVMGetHostCPUName",
    "LLVMGetICmpPredicate", "LLVMGetIncomingBlock", "LLVMGetIncomingValue", "LLVMGetIndices", "LLVMGetInitializer",
    "LLVMGetInlineAsm", "LLVMGetInsertBlock", "LLVMGetInstructionCallConv", "LLVMGetInstructionOpcode",
    "LLVMGetInstructionParent", "LLVMGetIntTypeWidth", "LLVMGetIntrinsicDeclaration", "LLVMGetIntrinsicID",
    "LLVMGetLastBasicBlock", "LLVMGetLastEnumAttributeKind", "LLVMGetLastFunction", "LLVMGetLastGlobal",
    "LLVMGetLastInstruction", "LLVMGetLastParam", "LLVMGetLinkage", "LLVMGetMDKindID", "LLVMGetMDKindIDInContext",
    "LLVMGetMDNodeNumOperands", "LLVMGetMDNodeOperands", "LLVMGetMDString", "LLVMGetMetadata", "LLVMGetMetadataKind",
    "LLVMGetModuleContext", "LLVMGetModuleDataLayout", "LLVMGetModuleDebugMetadataVersion", "LLVMGetModuleFlag",
    "LLVMGetModuleIdentifier", "LLVMGetNNeg", "LLVMGetNSW", "LLVMGetNUW", "LLVMGetNamedFunction",
    "LLVMGetNamedGlobal", "LLVMGetNamedMetadataNumOperands", "LLVMGetNamedMetadataOperands", "LLVMGetNextBasicBlock",
    "LLVMGetNextFunction", "LLVMGetNextGlobal", "LLVMGetNextInstruction", "LLVMGetNextParam", "LLVMGetNextUse",
    "LLVMGetNumArgOperands", "LLVMGetNumContainedTypes", "LLVMGetNumIndices", "LLVMGetNumMaskElements",
    "LLVMGetNumOperands", "LLVMGetNumSuccessors", "LLVMGetOperand", "LLVMGetOperandUse",
    "LLVMGetOrInsertNamedMetadata", "LLVMGetOrdering", "LLVMGetParam", "LLVMGetParamParent", "LLVMGetParamTypes",
    "LLVMGetParams", "LLVMGetPointerAddressSpace", "LLVMGetPointerToGlobal", "LLVMGetPoison",
    "LLVMGetPreviousBasicBlock", "LLVMGetPreviousFunction", "LLVMGetPreviousGlobal", "LLVMGetPreviousInstruction",
    "LLVMGetPreviousParam", "LLVMGetReturnType", "LLVMGetSection", "LLVMGetSourceFileName",
    "LLVMGetStringAttributeAtIndex", "LLVMGetStringAttributeKind", "LLVMGetStringAttributeValue",
    "LLVMGetStructElementTypes", "LLVMGetStructName", "LLVMGetSubprogram", "LLVMGetSuccessor",
    "LLVMGetSwitchDefaultDest", "LLVMGetTailCallKind", "LLVMGetTarget", "LLVMGetTargetDescription",
    "LLVMGetTargetFromName", "LLVMGetTargetFromTriple", "LLVMGetTargetMachineCPU",
    "LLVMGetTargetMachineFeatureString", "LLVMGetTargetMachineTarget", "LLVMGetTargetMachineTriple",
    "LLVMGetTargetName", "LLVMGetThreadLocalMode", "LLVMGetTypeAttributeValue", "LLVMGetTypeByName",
    "LLVMGetTypeByName2", "LLVMGetTypeContext", "LLVMGetTypeKind", "LLVMGetUndef", "LLVMGetUndefMaskElem",
    "LLVMGetUnnamedAddress", "LLVMGetUsedValue", "LLVMGetUser", "LLVMGetValueKind", "LLVMGetValueName",
    "LLVMGetValueName2", "LLVMGetVectorSize", "LLVMGetVersion", "LLVMGetVisibility", "LLVMGetVolatile",
    "LLVMGlobalGetValueType", "LLVMGlobalSetMetadata", "LLVMHalfType", "LLVMHalfTypeInContext", "LLVMHasMetadata",
   
   
   
    "LLVMInsertBasicBlock",
    "LLVMInsertBasicBlockInContext", "LLVMInsertExistingBasicBlockAfterInsertBlock", "LLVMInsertIntoBuilder",
    "LLVMInsertIntoBuilderWithName", "LLVMInstallFatalErrorHandler", "LLVMInstructionClone",
    "LLVMInstructionEraseFromParent", "LLVMInstructionGetAllMetadataOtherThanDebugLoc", "LLVMInstructionGetDebugLoc",
    "LLVMInstructionRemoveFromParent", "LLVMInstructionSetDebugLoc", "LLVMInt128Type", "LLVMInt128TypeInContext",
    "LLVMInt16Type", "LLVMInt16TypeInContext", "LLVMInt1Type", "LLVMInt1TypeInContext", "LLVMInt32Type",
    "LLVMInt32TypeInContext", "LLVMInt64Type", "LLVMInt64TypeInContext", "LLVMInt8Type", "LLVMInt8TypeInContext",
    "LLVMIntPtrType", "LLVMIntPtrTypeForAS", "LLVMIntPtrTypeForASInContext", "LLVMIntPtrTypeInContext",
    "LLVMIntType", "LLVMIntTypeInContext", "LLVMIntrinsicCopyOverloadedName", "LLVMIntrinsicCopyOverloadedName2",
    "LLVMIntrinsicGetName", "LLVMIntrinsicGetType", "LLVMIntrinsicIsOverloaded", "LLVMIsAAddrSpaceCastInst",
    "LLVMIsAAllocaInst", "LLVMIsAArgument", "LLVMIsABasicBlock", "LLVMIsABinaryOperator", "LLVMIsABitCastInst",
    "LLVMIsABranchInst", "LLVMIsACallInst", "LLVMIsACastInst", "LLVMIsACmpInst", "LLVMIsAConstant",
    "LLVMIsAConstantAggregateZero", "LLVMIsAConstantArray", "LLVMIsAConstantDataArray",
    "LLVMIsAConstantDataSequential", "LLVMIsAConstantDataVector", "LLVMIsAConstantExpr", "LLVMIsAConstantFP",
    "LLVMIsAConstantInt", "LLVMIsAConstantPointerNull", "LLVMIsAConstantStruct", "LLVMIsAConstantVector",
    "LLVMIsAExtractElementInst", "LLVMIsAExtractValueInst", "LLVMIsAFCmpInst", "LLVMIsAFPExtInst",
    "LLVMIsAFPToSIInst", "LLVMIsAFPToUIInst", "LLVMIsAFPTruncInst", "LLVMIsAFenceInst", "LLVMIsAFreezeInst",
    "LLVMIsAFunction", "LLVMIsAGetElementPtrInst", "LLVMIsAGlobalObject", "LLVMIsAGlobalValue",
    "LLVMIsAGlobalVariable", "LLVMIsAICmpInst", "LLVMIsAInsertElementInst", "LLVMIsAInsertValueInst",
    "LLVMIsAInstruction", "LLVMIsAIntToPtrInst", "LLVMIsAIntrinsicInst", "LLVMIsALoadInst", "LLVMIsAMDNode",
    "LLVMIsAMDString", "LLVMIsAMemIntrinsic", "LLVMIsAPHINode", "LLVMIsAPoisonValue", "LLVMIsAPtrToIntInst",
    "LLVMIsAReturnInst", "LLVMIsASExtInst", "LLVMIsASIToFPInst", "LLVMIsASelectInst", "LLVMIsAShuffleVectorInst",
    "LLVMIsAStoreInst", "LLVMIsASwitchInst", "LLVMIsATerminatorInst", "LLVMIsATruncInst", "LLVMIsAUIToFPInst",
    "LLVMIsAUnaryInstruction", "LLVMIsAUnaryOperator", "LLVMIsAUndefValue", "LLVMIsAUnreachableInst", "LLVMIsAUser",
    "LLVMIsAValueAsMetadata", "LLVMIsAZExtInst", "LLVMIsConditional", "LLVMIsConstant", "LLVMIsConstantString",
    "LLVMIsDeclaration", "LLVMIsEnumAttribute", "LLVMIsExternallyInitialized", "LLVMIsFunctionVarArg",
    "LLVMIsGlobalConstant", "LLVMIsInBounds", "LLVMIsLiteralStruct", "LLVMIsNull", "LLVMIsOpaqueStruct",
    "LLVMIsPackedStruct", "LLVMIsPoison", "LLVMIsStringAttribute", "LLVMIsTailCall", "LLVMIsTypeAttribute",
    "LLVMIsUndef", "LLVMLinkModules2", "LLVMLookupIntrinsicID", "LLVMMDNode", "LLVMMDNodeInContext",
    "LLVMMDNodeInContext2", "LLVMMDString", "LLVMMDStringInContext", "LLVMMDStringInContext2", "LLVMMetadataAsValue",
    "LLVMMetadataReplaceAllUsesWith", "LLVMMetadataTypeInContext", "LLVMModuleCreateWithName",
    "LLVMModuleCreateWithNameInContext", "LLVMMoveBasicBlockAfter", "LLVMMoveBasicBlockBefore",
    "LLVMNormalizeTargetTriple", "LLVMOffsetOfElement", "LLVMParseCommandLineOptions", "LLVMParseIRInContext",
    "LLVMPassBuilderOptionsSetCallGraphProfile", "LLVMPassBuilderOptionsSetDebugLogging",
    "LLVMPassBuilderOptionsSetForgetAllSCEVInLoopUnroll", "LLVMPassBuilderOptionsSetInlinerThreshold",
    "LLVMPassBuilderOptionsSetLicmMssaNoAccForPromotionCap", "LLVMPassBuilderOptionsSetLicmMssaOptCap",
    "LLVMPassBuilderOptionsSetLoopInterleaving", "LLVMPassBuilderOptionsSetLoopUnrolling",
    "LLVMPassBuilderOptionsSetLoopVectorization", "LLVMPassBuilderOptionsSetMergeFunctions",
    "LLVMPassBuilderOptionsSetSLPVectorization", "LLVMPassBuilderOptionsSetVerifyEach", "LLVMPointerSize",
    "LLVMPointerSizeForAS", "LLVMPointerType", "LLVMPointerTypeInContext", "LLVMPointerTypeIsOpaque",
    "LLVMPositionBuilder", "LLVMPositionBuilderAtEnd", "LLVMPositionBuilderBefore", "LLVMPreferredAlignmentOfGlobal",
    "LLVMPreferredAlignmentOfType", "LLVMPrintModuleToFile", "LLVMPrintModuleToString", "LLVMPrintTypeToString",
    "LLVMPrintValueToString", "LLVMRemoveBasicBlockFromParent", "LLVMRemoveCallSiteEnumAttribute",
    "LLVMRemoveCallSiteStringAttribute", "LLVMRemoveEnumAttributeAtIndex", "LLVMRemoveStringAttributeAtIndex",
    "LLVMReplaceAllUsesWith", "LLVMReplaceMDNodeOperandWith", "LLVMResetFatalErrorHandler", "LLVMRunPasses",
    "LLVMScalableVectorType", "LLVMSetAlignment", "LLVMSetArgOperand", "LLVMSetCondition",
    "LLVMSetCurrentDebugLocation2", "LLVMSetDataLayout", "LLVMSetExact", "LLVMSetFastMathFlags",
    "LLVMSetFunctionCallConv", "LLVMSetGlobalConstant", "LLVMSetInitializer", "LLVMSetInstDebugLocation",
    "LLVMSetInstrParamAlignment", "LLVMSetInstructionCallConv", "LLVMSetIsInBounds", "LLVMSetLinkage",
    "LLVMSetMetadata", "LLVMSetModuleDataLayout", "LLVMSetModuleIdentifier", "LLVMSetNNeg", "LLVMSetNSW",
    "LLVMSetNUW", "LLVMSetOperand", "LLVMSetOrdering", "LLVMSetParamAlignment", "LLVMSetSection",
    "LLVMSetSourceFileName", "LLVMSetSubprogram", "LLVMSetSuccessor", "LLVMSetTailCall", "LLVMSetTailCallKind",
    "LLVMSetTarget", "LLVMSetTargetMachineAsmVerbosity", "LLVMSetUnnamedAddr", "LLVMSetUnnamedAddress",
    "LLVMSetValueName2", "LLVMSetVisibility", "LLVMSetVolatile", "LLVMShutdown", "LLVMSizeOf",
    "LLVMSizeOfTypeInBits", "LLVMStoreSizeOfType", "LLVMStripModuleDebugInfo", "LLVMStructCreateNamed",
    "LLVMStructGetTypeAtIndex", "LLVMStructSetBody", "LLVMStructType", "LLVMStructTypeInContext",
    "LLVMTargetHasAsmBackend", "LLVMTargetHasJIT", "LLVMTargetHasTargetMachine", "LLVMTargetMachineEmitToFile",
    "LLVMTargetMachineEmitToMemoryBuffer", "LLVMTargetMachineOptionsSetABI", "LLVMTargetMachineOptionsSetCPU",
    "LLVMTargetMachineOptionsSetCodeGenOptLevel", "LLVMTargetMachineOptionsSetCodeModel",
    "LLVMTargetMachineOptionsSetFeatures", "LLVMTargetMachineOptionsSetRelocMode", "LLVMTemporaryMDNode",
    "LLVMTypeIsSized", "LLVMTypeOf", "LLVMValueAsBasicBlock", "LLVMValueAsMetadata", "LLVMValueIsBasicBlock",
    "LLVMValueMetadataEntriesGetKind", "LLVMValueMetadataEntriesGetMetadata", "LLVMVectorType", "LLVMVerifyFunction",
    "LLVMVerifyModule", "LLVMVoidType", "LLVMVoidTypeInContext", "LLVMWriteBitcodeToMemoryBuffer",
];

/// The initializers of this machine's code generator, required as well.
pub(crate) const NATIVE_TARGET: &[&str] = if cfg!(target_arch = "aarch64") {
    &[
        "LLVMInitializeAArch64AsmParser",
        "LLVMInitializeAArch64AsmPrinter",
        "LLVMInitializeAArch64Target",
        "LLVMInitializeAArch64TargetInfo",
        "LLVMInitializeAArch64TargetMC",
    ]
} else {
    &[
        "LLVMInitializeX86AsmParser",
        "LLVMInitializeX86AsmPrinter",
        "LLVMInitializeX86Target",
        "LLVMInitializeX86TargetInfo",
        "LLVMInitializeX86TargetMC",
    ]
};

/// Functions that are looked up but need not be there: a caller asks for the version first.
pub(crate) const OPTIONAL: &[&str] = &["LLVMParseIRInContext2"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llvm::stubs;

    #[test]
    fn the_list_is_sorted_and_each_name_has_a_stub() {
        assert!(
            REQUIRED.is_sorted_by(|a, b| a < b),
            "REQUIRED must be sorted, without duplicates"
        );
        for name in REQUIRED.iter().chain(NATIVE_TARGET).chain(OPTIONAL) {
            assert!(
                stubs::names().any(|stub| stub == *name),
                "`{name}` has no stub: add it to llvm/functions.rs"
            );
        }
    }
}
