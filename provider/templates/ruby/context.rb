# What a template can name: the Director's evaluation context. Class names show up in Ruby's own error texts and templates rescue by them, so
# they are the Director's.
module Bosh::Common
  module Template
    class EvaluationFailed < StandardError; end
    class InvalidPropertyType < StandardError; end

    class UnknownProperty < StandardError
      attr_reader :name

      def initialize(name)
        @name = name
        super("Can't find property '#{name}'")
      end
    end

    class UnknownLink < StandardError
      def initialize(name) = super("Can't find link '#{name}'")
    end

    # Lookup by dotted name. `[]` is asked of whatever is on the way, so a path through a string finds a part of that string, as ever.
    # Plain loops, no blocks: leaving a block early costs this WebAssembly build of Ruby a tenth of a millisecond.
    module PropertyHelper
      private

      def lookup_property(from, dotted)
        return if from.nil?

        keys = dotted.split('.')
        at = from
        step = 0
        while step < keys.length && !at.nil?
          at = at[keys[step]]
          step += 1
        end
        at
      end
    end

    # The part that the context, a link and a link's instance have in common.
    module PropertyReader
      include PropertyHelper

      def p(*args)
        wanted = Array(args[0])
        found = nil
        tried = 0
        while found.nil? && tried < wanted.length
          found = lookup_property(property_source, wanted[tried])
          tried += 1
        end
        return found unless found.nil?

        args.length == 2 ? args[1] : raise(UnknownProperty.new(wanted))
      end

      def if_p(*dotted_names)
        values = []
        while values.length < dotted_names.length
          values << lookup_property(property_source, dotted_names[values.length])
          return EvaluationContext::ActiveElseBlock.new(self) if values.last.nil?
        end
        yield(*values)
        EvaluationContext::InactiveElseBlock.new
      end
    end

    class EvaluationLinkInstance
      include PropertyReader
      attr_reader :name, :index, :id, :az, :address, :properties, :bootstrap

      def initialize(given)
        @name, @index, @id, @az, @address, @properties, @bootstrap =
          given.values_at('name', 'index', 'id', 'az', 'address', 'properties', 'bootstrap')
      end

      private

      def property_source = @properties
    end

    class EvaluationLink
      include PropertyReader
      attr_reader :instances, :properties

      def initialize(given, dns_encoder)
        @instances = given['instances'].map { |one| EvaluationLinkInstance.new(one) }
        @properties = given['properties']
        by_link = given.fetch('use_link_dns_names', false)
        @group = {
          group_name: given[by_link ? 'group_name' : 'instance_group'],
          group_type: by_link ? 'link' : 'instance-group',
          default_network: given['default_network'],
          deployment_name: given['deployment_name'],
          root_domain: given['domain']
        }
        @short = given.fetch('use_short_dns_addresses', false)
        @dns_encoder = given.key?('address') ? ManualLinkDnsEncoder.new(given['address']) : dns_encoder
      end

      def address(criteria = {}) = @dns_encoder.encode_query(criteria.merge(@group), @short)

      private

      def property_source = @properties
    end

    class EvaluationContext
      include PropertyReader
      attr_reader :name, :index, :properties, :raw_properties, :spec

      def initialize(spec, dns_encoder)
        @name = spec['name']
        @index = spec['index']
        @spec = openstruct(spec, BackCompatOpenStruct)
        @raw_properties = spec['properties'] || {}
        @properties = openstruct(@raw_properties, OpenStruct)
        @links = spec['links'] || {}
        @dns_encoder = dns_encoder
      end

      def ==(other)
        %i[spec raw_properties name index properties].all? { |part| other.respond_to?(part) && send(part) == other.send(part) }
      end

      def get_binding = binding

      def link(name)
        found = lookup_property(@links, name)
        raise UnknownLink.new(name) unless found&.key?('instances')

        EvaluationLink.new(found, @dns_encoder)
      end

      def if_link(name)
        found = lookup_property(@links, name)
        return ActiveElseBlock.new(self) unless found&.key?('instances')

        yield EvaluationLink.new(found, @dns_encoder)
        InactiveElseBlock.new
      end

      private

      def property_source = @raw_properties

      def openstruct(value, kind)
        case value
        when Hash then kind.new(value.transform_values { |below| openstruct(below, kind) })
        when Array then value.map { |item| openstruct(item, kind) }
        else value
        end
      end

      # Templates list spec's keys with `methods(false)`, which newer OpenStructs no longer answer with the keys.
      class BackCompatOpenStruct < OpenStruct
        def methods(regular = true)
          regular ? super : to_h.keys
        end
      end

      class ActiveElseBlock
        def initialize(context) = @context = context
        def else = yield
        def else_if_p(*names, &) = @context.if_p(*names, &)
        def else_if_link(name, &) = @context.if_link(name, &)
      end

      class InactiveElseBlock
        def else; end
        def else_if_p(*_names) = InactiveElseBlock.new
        def else_if_link(_name) = InactiveElseBlock.new
      end
    end
  end
end
