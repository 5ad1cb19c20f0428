package import WasmEngine

/// From the bytes of a component to its plan.
package enum ComponentDecoder {
    /// Decodes, validates and flattens a component. Module bytes are not copied: the plan holds ranges of `bytes`.
    ///
    /// `foldsShims` takes the indirection through wit-component's shim modules out; a guest cannot tell.
    package static func plan(_ bytes: UnsafeRawBufferPointer, foldsShims: Bool = true)
        throws(ComponentError) -> ComponentPlan
    {
        let syntax = try ComponentParser(bytes).parse()
        let validator = Validator(bytes)
        try validator.validate(syntax)
        let planner = Planner(bytes, modules: validator.modules)
        var plan = try planner.plan(syntax)
        if foldsShims { plan = ShimFolding.fold(plan, bytes, summaries: planner.summaries) }
        let compiled = Set(plan.coreModules.map(\.byteRange))
        plan.uncompiledModules = validator.moduleRanges.filter { !compiled.contains($0) }
        return try AdapterFusion.fuse(plan, mayThrow: planner.summaries.contains(where: \.definesTags))
    }

    /// Decodes and validates the parts of a composition, fits them together, and flattens them as if they were one
    /// component.
    ///
    /// - Parameters:
    ///   - image: the bytes of all parts; the plan holds ranges of it.
    ///   - convention: for core modules among them that do not say which world they were made for.
    package static func plan(
        _ composition: Composition, _ image: UnsafeRawBufferPointer, convention: CoreModuleConvention? = nil,
        foldsShims: Bool = true
    ) throws(CompositionError) -> ComponentPlan {
        var syntaxes: [Int: PartSyntax] = [:]
        var modules: [Int: CoreModuleSummary] = [:]
        var ranges: [Range<Int>] = []
        var waiting: [(part: Composition.Part, path: [String])] = [(composition.root, [])]
        var count = 0
        while let (part, path) = waiting.popLast() {
            count += 1
            waiting += part.plugs.map { ($0.part, path + [$0.target.text]) }
            guard syntaxes[part.range.lowerBound] == nil else { continue }
            guard part.range.upperBound <= image.count else {
                throw CompositionError(path: path, message: "it is not in the image")
            }
            do throws(ComponentError) {
                if let module = try self.module(image, part.range, convention) {
                    syntaxes[part.range.lowerBound] = .module(module)
                    modules[part.range.lowerBound] = module.summary
                    continue
                }
                let syntax = try ComponentParser(image, range: part.range).parse()
                let validator = Validator(image)
                try validator.validate(syntax)
                syntaxes[part.range.lowerBound] = .component(syntax)
                modules.merge(validator.modules) { first, _ in first }
                ranges += validator.moduleRanges
            } catch {
                throw CompositionError(error, of: part, path: path)
            }
        }
        let planner = Planner(image, modules: modules, components: count)
        var plan = try planner.plan(composition, syntaxes)
        do throws(ComponentError) {
            if foldsShims { plan = ShimFolding.fold(plan, image, summaries: planner.summaries) }
            let compiled = Set(plan.coreModules.map(\.byteRange))
            plan.uncompiledModules = ranges.filter { !compiled.contains($0) }
            return try AdapterFusion.fuse(plan, mayThrow: planner.summaries.contains(where: \.definesTags))
        } catch {
            throw CompositionError(error, of: composition.root, path: [])
        }
    }

    /// Nil for a component.
    private static func module(
        _ image: UnsafeRawBufferPointer, _ range: Range<Int>, _ convention: CoreModuleConvention?
    ) throws(ComponentError) -> ModuleSyntax? {
        guard case .coreModule = WasmKind.of(UnsafeRawBufferPointer(rebasing: image[range])) else { return nil }
        guard let module = try ModuleSyntax(image, range: range, convention: convention) else {
            throw ComponentError(
                .unsupported, "it is a core module that does not say which world it was made for",
                offset: range.lowerBound)
        }
        return module
    }

    /// Decodes and validates a component without planning it: whatever it uses that this runtime does not support, it may
    /// be valid.
    ///
    /// - Parameter engine: checks the core modules, unless it is nil.
    package static func validate(_ bytes: UnsafeRawBufferPointer, engine: Engine? = nil) throws(ComponentError) {
        let syntax = try ComponentParser(bytes).parse()
        let validator = Validator(bytes)
        try validator.validate(syntax)
        guard let engine else { return }
        var plan = ComponentPlan()
        plan.uncompiledModules = validator.moduleRanges
        try plan.validateUncompiledModules(bytes, engine: engine)
    }
}
