/// Writes the modules, when it is known which adapter stands where.
extension AdapterFusion {
    func module(_ group: Int) throws(ComponentError) -> (ComponentPlan.CoreModule, [ComponentPlan.CoreImport]) {
        var module = AdapterModule(definedFlags: group == 0 ? self.flags.count : 0)
        for index in self.groups[group] {
            guard let adapter = self.adapter(index) else { continue }
            try self.compile(adapter, into: &module, group: group)
        }
        let described = ComponentPlan.CoreModule(
            byteRange: 0..<0, name: "adapters", definedMemories: 0, generated: module.encode())
        return (described, module.coreImports)
    }

    private func compile(_ adapter: Adapter, into module: inout AdapterModule, group: Int) throws(ComponentError) {
        guard case .function(let function) = adapter.target else {
            return try self.compileCopies(adapter, into: &module, group: group)
        }
        let isRefused = self.isRefused(adapter)
        let type = function.type.loweredCoreType(adapter.caller.addressType)
        var compiler = self.compiler(adapter, isRefused, &module, group)
        if isRefused {
            compiler.compileRefusal()
        } else {
            let results = function.coreType.results
            let postReturn = adapter.callee.postReturn.map {
                self.callee(self.plan.functions[$0], CoreFunctionType(results), in: &compiler.module, group)
            }
            let callee = self.callee(
                self.plan.functions[function.callee], function.coreType, in: &compiler.module, group)
            try compiler.compile(
                parameters: type.parameters.count, results: results, function: callee, postReturn: postReturn)
        }
        module = try self.finish(compiler)
        module.add(
            name: AdapterModule.exportName(adapter: adapter.trampoline), adapter: adapter.trampoline, type: type,
            compiler)
    }

    /// What a component lowered, it may use wherever it uses functions: lift it again, or name it as its realloc.
    private func callee(
        _ definition: CoreDefinition, _ type: CoreFunctionType, in module: inout AdapterModule, _ group: Int
    ) -> AdapterModule.Callee {
        guard case .trampoline(let index) = definition, self.groupOf[index] == group else {
            return .imported(module.function(definition, type))
        }
        return .adapter(index)
    }

    private func compileCopies(
        _ adapter: Adapter, into module: inout AdapterModule, group: Int
    ) throws(ComponentError) {
        if !adapter.forms.passesParametersAsTheyAre {
            var compiler = self.compiler(adapter, false, &module, group)
            try compiler.compileParameters()
            module = try self.finish(compiler)
            module.add(
                name: AdapterModule.exportName(parametersOf: adapter.trampoline), type: adapter.forms.parametersCopy,
                compiler)
        }
        if !adapter.forms.passesResultAsItIs {
            var compiler = self.compiler(adapter, false, &module, group)
            try compiler.compileResult()
            module = try self.finish(compiler)
            module.add(
                name: AdapterModule.exportName(resultOf: adapter.trampoline), type: adapter.forms.resultCopy, compiler)
        }
    }

    private func compiler(
        _ adapter: Adapter, _ isRefused: Bool, _ module: inout AdapterModule, _ group: Int
    ) -> AdapterCompiler {
        let context = AdapterCompiler.Context(
            hostFunction: { module, kind in self.hostFunction(kind, in: &module) }, resources: self.plan.resources,
            tasks: self.tasks, contexts: self.contexts, catchesExceptions: self.mayThrow)
        let caller = self.side(
            adapter.forms.caller, adapter.caller, adapter.callerIndex, isRefused, in: &module, group)
        let callee = self.side(
            adapter.forms.callee, adapter.callee, adapter.calleeIndex, isRefused, in: &module, group)
        return AdapterCompiler(module, context: context, type: adapter.forms.type, caller: caller, callee: callee)
    }

    private func finish(_ compiler: AdapterCompiler) throws(ComponentError) -> AdapterModule {
        try compiler.checkSize()
        self.codeSize += compiler.code.bytes.count
        guard self.codeSize <= AdapterModule.maximumCode else {
            throw ComponentError(
                .unsupported,
                "too large: to pass the values of all functions that its components call of each other takes more than "
                    + "\(AdapterModule.maximumCode) bytes of code",
                offset: 0)
        }
        return compiler.module
    }

    private func side(
        _ form: CoreForm, _ options: CanonicalOptions, _ index: Int, _ isRefused: Bool,
        in module: inout AdapterModule, _ group: Int
    ) -> AdapterCompiler.Side {
        guard !isRefused else {
            return .init(form: form, options: options, optionsIndex: index, memory: nil, realloc: nil, flag: 0)
        }
        let flag = self.flags[options.componentInstance] ?? 0
        return .init(
            form: form, options: options, optionsIndex: index,
            memory: options.memory.map { module.memory(self.plan.memories[$0], options.addressType) },
            realloc: options.realloc.map {
                self.callee(self.plan.functions[$0], options.addressType.realloc, in: &module, group)
            },
            flag: group == 0
                ? flag
                : module.global(.export(instance: Self.flagInstance, name: AdapterModule.exportName(flag: flag))))
    }

    private func hostFunction(_ kind: Trampoline.Kind, in module: inout AdapterModule) -> Int {
        let type: CoreFunctionType
        switch kind {
        // Pointers and lengths have 64 bits here, whatever the memories.
        case .adapterFault: type = CoreFunctionType([.i32, .i64, .i64])
        case .copyText: type = CoreFunctionType([.i64, .i64, .i64])
        case .transferOwn, .transferBorrow, .transferEnd: type = CoreFunctionType([.i32], [.i32])
        case .transcode: type = CoreFunctionType([.i64, .i64], [.i64, .i64])
        default: type = CoreFunctionType([])
        }
        let trampoline = Trampoline(kind: kind, type: type)
        let index: Int
        if let known = self.trampolineIndices[trampoline] {
            index = known
        } else {
            index = self.plan.trampolines.count
            self.plan.trampolines.append(trampoline)
            self.trampolineIndices[trampoline] = index
        }
        return module.function(.trampoline(index), type)
    }
}
